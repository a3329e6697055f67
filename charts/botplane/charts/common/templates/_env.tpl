{{/* Environment of the container: addresses as values, secrets only by reference. */}}
{{- define "common.env" -}}
{{- $needs := .def.needs | default dict -}}
{{- $root := .root -}}
- name: PORT
  value: "8080"
- name: LOG_LEVEL
  value: {{ $root.Values.logLevel | default $root.Values.global.logLevel }}
- name: SHUTDOWN_MS_MAX
  value: {{ mul $root.Values.shutdown.maxSeconds 1000 | quote }}
- name: POD_NAME
  valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}
{{- include "common.serversEnv" . }}
{{- if include "common.tracesTo" . }}
{{- $tracing := $root.Values.global.tracing }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ $tracing.endpoint | quote }}
- name: OTEL_TRACES_SAMPLER
  value: {{ $tracing.sampler }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ $tracing.ratio | quote }}
{{- with $tracing.headersSecret }}
{{- if .name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}
{{- end }}
{{- $pairs := list (printf "k8s.namespace.name=%s" $root.Release.Namespace) "k8s.pod.name=$(POD_NAME)" -}}
{{- range $name, $value := $tracing.resourceAttributes -}}
{{- $pairs = append $pairs (printf "%s=%s" $name ($value | urlquery | replace "+" "%20")) -}}
{{- end }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ join "," $pairs | quote }}
{{- end }}
{{- if $needs.telegram }}
- name: BOTPLANE_TELEGRAM_API
  value: {{ include "common.telegramApi" $root | quote }}
{{- end }}
{{- range $key := $needs.keys }}
- name: {{ get (dict "token-key" "BOTPLANE_TOKEN_KEY_FILE" "secrets-key" "BOTPLANE_SECRETS_KEY_FILE" "api-admin-key" "BOTPLANE_API_ADMIN_KEY_FILE") $key }}
  value: /etc/botplane/keys/{{ $key }}
{{- end }}
{{- range $name, $value := .def.env }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- with $root.Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Where NATS, S3 and PostgreSQL are and how to get in; each begins with a new line. */}}
{{- define "common.serversEnv" -}}
{{- $needs := .def.needs | default dict -}}
{{- $root := .root -}}
{{- if $needs.nats }}
- name: NATS_URL
  value: {{ include "common.natsUrl" $root | quote }}
- name: NATS_STREAM_REPLICAS
  value: {{ $root.Values.global.nats.streamReplicas | quote }}
{{- if ne $root.Values.global.tls.mode "None" }}
{{- range $variable, $file := dict "CA_FILE" "ca.crt" "CERT_FILE" "tls.crt" "KEY_FILE" "tls.key" }}
- name: NATS_{{ $variable }}
  value: /etc/botplane/tls/{{ $file }}
{{- if has "runtime" (dig "network" "to" list $.def) }}
- name: RUNTIME_{{ $variable }}
  value: /etc/botplane/tls/{{ $file }}
{{- end }}
{{- end }}
{{- end }}
{{- if $root.Values.global.nats.credentialsSecret.name }}
- name: NATS_CREDS_FILE
  value: /etc/botplane/nats/nats.creds
{{- end }}
{{- end }}
{{- if $needs.s3 }}
{{- $secret := $root.Values.global.s3.secret }}
- name: S3_ENDPOINT
  value: {{ include "common.s3Endpoint" $root | quote }}
- name: S3_BUCKET
  value: {{ $root.Values.global.s3.bucket }}
- name: S3_REGION
  value: {{ $root.Values.global.s3.region }}
- name: S3_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ include "common.s3Secret" $root }}, key: {{ $secret.accessKey }}}}
- name: S3_SECRET_KEY
  valueFrom: {secretKeyRef: {name: {{ include "common.s3Secret" $root }}, key: {{ $secret.secretKey }}}}
{{- end }}
{{- if $needs.postgres }}
- name: DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ include "common.postgresSecret" $root }}, key: {{ $root.Values.global.postgres.secret.key }}}}
{{- end }}
{{- end }}

{{- define "common.volumeMounts" -}}
{{- $needs := .def.needs | default dict -}}
- {name: tmp, mountPath: /tmp}
{{- if $needs.keys }}
- {name: keys, mountPath: /etc/botplane/keys, readOnly: true}
{{- end }}
{{- if and $needs.nats (ne .root.Values.global.tls.mode "None") }}
- {name: tls, mountPath: /etc/botplane/tls, readOnly: true}
{{- end }}
{{- if and $needs.nats .root.Values.global.nats.credentialsSecret.name }}
- {name: nats, mountPath: /etc/botplane/nats, readOnly: true}
{{- end }}
{{- end }}

{{- define "common.volumes" -}}
{{- $needs := .def.needs | default dict -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- if $needs.keys }}
- name: keys
  secret:
    secretName: {{ .root.Values.global.keys.secretName }}
    defaultMode: 0440
    items:
      {{- range $needs.keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- if $needs.nats }}
{{- if ne .root.Values.global.tls.mode "None" }}
- name: tls
  secret:
    secretName: {{ .root.Values.global.tls.clientSecretName }}
    defaultMode: 0440
    items:
      - {key: ca.crt, path: ca.crt}
      - {key: tls.crt, path: tls.crt}
      - {key: tls.key, path: tls.key}
{{- end }}
{{- with .root.Values.global.nats.credentialsSecret }}
{{- if .name }}
- name: nats
  secret:
    secretName: {{ .name }}
    defaultMode: 0440
    items:
      - {key: {{ .key }}, path: nats.creds}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
