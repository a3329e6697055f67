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
  (include "common.podMonitor" .) -}}
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

{{/* Only services that are called by name have one. */}}
{{- define "common.clusterService" -}}
{{- if .def.service -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  type: ClusterIP
  selector:
    {{- include "common.selectorLabels" . | nindent 4 }}
  ports:
    - {name: http, port: 8080, targetPort: http, protocol: TCP, appProtocol: http}
    {{- range .def.ports }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end }}

{{- define "common.podMonitor" -}}
{{- if .root.Values.global.monitoring.podMonitors.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "common.fullname" . }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- with .root.Values.global.monitoring.podMonitors.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- include "common.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  podMetricsEndpoints:
    - {port: http, path: /metrics, interval: {{ .root.Values.global.monitoring.podMonitors.interval }}}
{{- end }}
{{- end }}
