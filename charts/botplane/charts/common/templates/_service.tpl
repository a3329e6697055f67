{{/* Everything of one service. A service's chart calls this with its definition and adds what only it has. */}}
{{- define "common.service" -}}
{{- include "common.validate" . -}}
{{- $resources := list
  (include "common.serviceAccount" .)
  (include "common.deployment" .)
  (include "common.autoscaling" .)
  (include "common.disruptionBudget" .)
  (include "common.networkPolicy" .)
  (include "common.clusterService" .)
  (include "common.serviceMonitor" .) -}}
{{- range $resources }}
{{- if trim . }}
---
{{ trim . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "common.serviceAccount" -}}
{{- if .root.Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.serviceAccountName" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
  {{- with .root.Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}
{{- end }}

{{/* For those who call the service by name; one that nobody calls has a headless one while it is monitored. */}}
{{- define "common.clusterService" -}}
{{- if or .def.service .root.Values.global.monitoring.monitors.enabled -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  {{- if not .def.service }}
  clusterIP: None
  {{- end }}
  selector:
    {{- include "common.selectorLabels" . | nindent 4 }}
  ports:
    - {name: http, port: 8080, targetPort: http, protocol: TCP, appProtocol: http}
    {{- if .def.service }}
    {{- range .def.ports }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: TCP}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{- define "common.serviceMonitor" -}}
{{- if .root.Values.global.monitoring.monitors.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.fullname" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- with .root.Values.global.monitoring.monitors.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- include "common.labels" . | nindent 4 }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  endpoints:
    - {{ include "common.scrape" .root }}
{{- end }}
{{- end }}

{{/* How metrics are read, of services and of runtime pods; `namespace` of a pool or a bot stays what the operator says. Takes Helm's own context. */}}
{{- define "common.scrape" -}}
{port: http, path: /metrics, interval: {{ .Values.global.monitoring.monitors.interval }}, honorLabels: true}
{{- end }}
