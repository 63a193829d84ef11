import { NATS_USERS, type NatsUser } from './permissions.js';

/** The variable of the server's environment that has the password of a user. */
export function passwordVariable({ name }: Pick<NatsUser, 'name'>): string {
  return `NATS_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** The text of deploy/nats/users.conf, which a configuration of nats-server includes. */
export function natsUsersConf(): string {
  return `# Made by \`npm run docs\` from services/shared/nats-access/permissions.ts.
# Passwords come from the environment of nats-server, best as bcrypt hashes (\`nats server passwd\`).
authorization {
  users = [
${NATS_USERS.map(userConf).join('\n')}
  ]
}
`;
}

function userConf(user: NatsUser): string {
  return `    # ${user.who}
    {
      user: ${user.name}
      password: $${passwordVariable(user)}
      permissions: {
        publish: { allow: ${list(user.publish)} }
        subscribe: { allow: ${list(user.subscribe)} }
        allow_responses: false
      }
    }`;
}

function list(subjects: readonly string[]): string {
  return `[\n${subjects.map((subject) => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`;
}

/** The text of docs/nats-permissions.md. */
export function natsPermissionsPage(): string {
  return `# Permissions at NATS

This page is made from services/shared/nats-access/permissions.ts by \`npm run docs\`, and so is
[deploy/nats/users.conf](../deploy/nats/users.conf). Whatever is not listed is denied. The process \`worker\` does not connect to NATS.

${NATS_USERS.map(section).join('\n')}`;
}

function section(user: NatsUser): string {
  return `## ${user.name}

For ${user.who}. Its password at the server: \`${passwordVariable(user)}\`.

It may publish to:

${bullets(user.publish)}

It may subscribe to:

${bullets(user.subscribe)}
`;
}

function bullets(subjects: readonly string[]): string {
  return subjects.map((subject) => `- \`${subject}\``).join('\n');
}
