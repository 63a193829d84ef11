export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const ERRORS = {
  cannot_view: ['woocommerce_rest_cannot_view', 'Sorry, you cannot view this resource.'],
  cannot_list: ['woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.'],
  invalid_id: ['woocommerce_rest_shop_order_invalid_id', 'Invalid ID.'],
  invalid_webhook: ['woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.'],
  invalid_url: [
    'woocommerce_rest_shop_webhook_invalid_delivery_url',
    'Webhook delivery URL must be a valid URL starting with http:// or https://.',
  ],
  invalid_topic: [
    'woocommerce_rest_shop_webhook_invalid_topic',
    'Webhook topic is required and must be valid.',
  ],
  no_trash: ['woocommerce_rest_trash_not_supported', 'Webhooks do not support trashing.'],
  no_route: ['rest_no_route', 'No route was found matching the URL and request method.'],
  secret: ['woocommerce_rest_authentication_error', 'Consumer secret is invalid.'],
  signature: [
    'woocommerce_rest_authentication_error',
    'Invalid signature - provided signature does not match.',
  ],
  timestamp: ['woocommerce_rest_authentication_error', 'Invalid timestamp.'],
  nonce: ['woocommerce_rest_authentication_error', 'Invalid nonce - nonce has already been used.'],
  permissions: [
    'woocommerce_rest_authentication_error',
    'The API key provided does not have the permissions for this request.',
  ],
} as const;

export function restError(name: keyof typeof ERRORS, status: number): RestAnswer {
  const [code, message] = ERRORS[name];
  return { status, body: { code, message, data: { status } } };
}

export function invalidParameter(name: string, problem: string): RestAnswer {
  return {
    status: 400,
    body: {
      code: 'rest_invalid_param',
      message: `Invalid parameter(s): ${name}`,
      data: { status: 400, params: { [name]: problem } },
    },
  };
}

export function missingParameter(name: string): RestAnswer {
  const body = {
    code: 'rest_missing_callback_param',
    message: `Missing parameter(s): ${name}`,
    data: { status: 400, params: [name] },
  };
  return { status: 400, body };
}
