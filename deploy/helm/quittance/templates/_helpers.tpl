{{- define "quittance.name" -}}
{{- printf "%s-%s" .root.Release.Name .component | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "quittance.selector" -}}
app.kubernetes.io/name: quittance
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "quittance.labels" -}}
{{ include "quittance.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "quittance.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end -}}

{{/* Variables of one process: its own win over those of all. `without`: what somebody else sets. */}}
{{- define "quittance.env" -}}
{{- $own := .own -}}
{{- $secrets := merge (dict) ($own.secrets | default dict) .root.Values.secrets -}}
{{- $files := merge (dict) ($own.files | default dict) .root.Values.files -}}
{{- $plain := merge (dict) (.fixed | default dict) ($own.environment | default dict) .root.Values.environment -}}
{{- range $name := .without }}{{ $_ := unset $plain $name }}{{ end -}}
{{- range $name, $value := $plain }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $from := $secrets }}
- name: {{ $name }}_FILE
  value: {{ printf "/run/quittance/%s" $name }}
{{- end }}
{{- range $name, $from := $files }}
- name: {{ $name }}
  value: {{ printf "/run/quittance/%s" $name }}
{{- end }}
{{- end -}}

{{- define "quittance.volumes" -}}
{{- $all := merge (dict) (.own.secrets | default dict) (.own.files | default dict) .root.Values.secrets .root.Values.files -}}
- name: temporary
  emptyDir: {}
{{- if $all }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
    {{- range $name, $from := $all }}
      - secret:
          name: {{ $from.secret }}
          items:
            - key: {{ $from.key }}
              path: {{ $name }}
    {{- end }}
{{- end }}
{{- end -}}

{{- define "quittance.mounts" -}}
{{- $all := merge (dict) (.own.secrets | default dict) (.own.files | default dict) .root.Values.secrets .root.Values.files -}}
- name: temporary
  mountPath: /tmp
{{- if $all }}
- name: secrets
  mountPath: /run/quittance
  readOnly: true
{{- end }}
{{- end -}}

{{- define "quittance.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "quittance.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Of a pod: root, component, own, process, fixed, without. */}}
{{- define "quittance.podTemplate" -}}
{{- $root := .root -}}
{{- $listens := dict "api" 8420 "codec-server" 8430 -}}
{{- $port := get $listens .process -}}
metadata:
  labels:
    {{- include "quittance.labels" . | nindent 4 }}
  {{- with $root.Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ $root.Release.Name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  # Ten seconds more than the process takes to drain, and before that the time in which callers learn that it goes.
  terminationGracePeriodSeconds: {{ add $root.Values.shutdownSeconds 10 (ternary $root.Values.goodbyeSeconds 0 (hasKey $listens .process)) }}
  securityContext:
    {{- include "quittance.podSecurity" . | nindent 4 }}
  {{- include "quittance.placement" . | nindent 2 }}
  containers:
    - name: {{ .process }}
      image: {{ include "quittance.image" $root }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: [{{ .process }}]
      env:
        {{- include "quittance.env" . | trim | nindent 8 }}
      ports:
        {{- if $port }}
        - { name: http, containerPort: {{ $port }} }
        {{- end }}
        - { name: ops, containerPort: 9464 }
      {{- if and $port $root.Values.goodbyeSeconds }}
      lifecycle:
        preStop:
          # Requests come until every proxy knows that this pod is going: it listens for so long.
          sleep: { seconds: {{ $root.Values.goodbyeSeconds }} }
      {{- end }}
      startupProbe:
        httpGet: { path: /healthz, port: ops }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /healthz, port: ops }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: ops }
        periodSeconds: 3
        timeoutSeconds: 3
        failureThreshold: 2
      resources:
        {{- toYaml .own.resources | nindent 8 }}
      securityContext:
        {{- include "quittance.containerSecurity" . | nindent 8 }}
      volumeMounts:
        {{- include "quittance.mounts" . | nindent 8 }}
  volumes:
    {{- include "quittance.volumes" . | nindent 4 }}
{{- end -}}

{{/* A Deployment and its disruption budget: what a pod takes, and replicas (null: an autoscaler sets them). */}}
{{- define "quittance.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "quittance.name" . }}
  labels:
    {{- include "quittance.labels" . | nindent 4 }}
spec:
  {{- if not (kindIs "invalid" .replicas) }}
  replicas: {{ .replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  selector:
    matchLabels:
      {{- include "quittance.selector" . | nindent 6 }}
  template:
    {{- include "quittance.podTemplate" . | nindent 4 }}
---
{{ include "quittance.disruptionBudget" . }}
{{- end -}}

{{- define "quittance.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "quittance.name" . }}
  labels:
    {{- include "quittance.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "quittance.selector" . | nindent 6 }}
{{- end -}}

{{/*
A worker as Temporal's worker-controller takes it. Its definition of these kinds is in no package that can be
had here: nothing validates this object before a cluster with the controller does.
*/}}
{{- define "quittance.workerDeployment" -}}
{{- $root := .root -}}
{{- $controller := $root.Values.workerController -}}
apiVersion: temporal.io/v1alpha1
kind: WorkerDeployment
metadata:
  name: {{ include "quittance.name" . }}
  labels:
    {{- include "quittance.labels" . | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  workerOptions:
    connectionRef: { name: {{ required "workerController.connection must be set" $controller.connection | quote }} }
    temporalNamespace: {{ $root.Values.environment.QUITTANCE_TEMPORAL_NAMESPACE | default "default" | quote }}
  rollout:
    strategy: {{ $controller.strategy }}
    {{- with $controller.steps }}
    steps:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  sunset:
    scaledownDelay: {{ $controller.scaledownDelay }}
    deleteDelay: {{ $controller.deleteDelay }}
  template:
    {{- include "quittance.podTemplate" . | nindent 4 }}
---
{{ include "quittance.disruptionBudget" . }}
{{- end -}}

{{/* An Ingress to the port http of a component: root, component, of (its values). */}}
{{- define "quittance.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "quittance.name" . }}
  labels:
    {{- include "quittance.labels" . | nindent 4 }}
  {{- with .of.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .of.className }}
  ingressClassName: {{ . }}
  {{- end }}
  rules:
    - host: {{ required (printf "ingress.host of %s must be set" .component) .of.host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "quittance.name" . }}
                port: { name: http }
  {{- if .of.tlsSecret }}
  tls:
    - hosts: [{{ .of.host | quote }}]
      secretName: {{ .of.tlsSecret }}
  {{- end }}
{{- end -}}

{{- define "quittance.placement" -}}
{{- $root := .root -}}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "quittance.selector" $ | nindent 8 }}
  {{- end }}
{{- end -}}

{{/* What the chart decides for every process; it wins over values. */}}
{{- define "quittance.fixed" -}}
QUITTANCE_OPS_HOST: "0.0.0.0"
QUITTANCE_OPS_PORT: "9464"
QUITTANCE_SHUTDOWN_SECONDS: {{ .Values.shutdownSeconds | quote }}
{{- end -}}

{{/* How KEDA gets into Temporal: it reads neither our variables nor our files. */}}
{{- define "quittance.temporalAuthentication" -}}
{{- $worker := .Values.worker -}}
{{- $plain := merge (dict) $worker.environment .Values.environment -}}
{{- $set := keys $worker.secrets .Values.secrets $worker.files .Values.files -}}
{{- with .Values.keda.temporalAuthentication -}}
authenticationRef: { name: {{ . | quote }} }
{{- else -}}
{{- if or (eq (get $plain "QUITTANCE_TEMPORAL_TLS") "on") (has "QUITTANCE_TEMPORAL_CERT" $set) (has "QUITTANCE_TEMPORAL_API_KEY" $set) -}}
{{- fail "keda.temporalAuthentication must name a TriggerAuthentication: Temporal takes TLS or an API key" -}}
{{- end -}}
{{- end -}}
{{- end -}}
