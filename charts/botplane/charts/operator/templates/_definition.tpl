{{- define "operator.definition" -}}
name: operator
kubernetesToken: true
# Fails where only a restart helps: the lease is old, or the event loop is blocked again and again.
livenessPath: /livez
needs: {nats: true, s3: true, telegram: true, webhookUrl: true, tracing: true, keys: [token-key, secrets-key]}
env:
  BOTPLANE_NAMESPACE: {{ .Release.Namespace }}
  BOTPLANE_RUNTIME_IMAGE: {{ include "common.image" (dict "root" . "name" "runtime" "image" .Values.runtimeImage) }}
  # Not the operator's own: a change of that must restart no runtime pod.
  BOTPLANE_RUNTIME_LOG_LEVEL: {{ .Values.global.logLevel }}
  BOTPLANE_WEBHOOK_URL: {{ include "common.webhookUrl" . }}
  {{- with .Values.prometheus.url }}
  BOTPLANE_PROMETHEUS_URL: {{ . }}
  {{- end }}
  BOTPLANE_BOT_METRICS_MAX: {{ .Values.botMetricsMax }}
  BOTPLANE_WEBHOOK_CHECK_S: {{ .Values.webhookCheckSeconds }}
  BOTPLANE_CLEANUP_S_MAX: {{ .Values.cleanupSecondsMax }}
  BOTPLANE_SCOPE: {{ .Values.scope }}
  {{- if eq (include "operator.servesAdmission" .) "true" }}
  BOTPLANE_ADMISSION_PORT: 9443
  BOTPLANE_ADMISSION_SERVICE: botplane-operator-admission
  {{- end }}
{{- if eq (include "operator.servesAdmission" .) "true" }}
ports: [{name: admission, port: 9443}]
{{- end }}
network:
  to: [nats, s3, runtime, kubernetes, telegram{{ if .Values.prometheus.url }}, prometheus{{ end }}]
  {{- if eq (include "operator.servesAdmission" .) "true" }}
  # kube-apiserver comes from addresses of nodes, which no selector matches.
  from: [{port: 9443}]
  {{- end }}
{{- end }}

{{- define "common.to.prometheus" -}}
{{- include "common.to" (dict "peers" (.Values.prometheus.peers | default .Values.global.networkPolicy.monitoring) "ports" (include "common.portsOf" (dict "url" .Values.prometheus.url "default" (ternary 443 80 (hasPrefix "https:" .Values.prometheus.url))) | fromJsonArray)) }}
{{- end }}

{{- define "operator.servesAdmission" -}}
{{ and .Values.admission.enabled (eq .Values.scope "Cluster") }}
{{- end }}
