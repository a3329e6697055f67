{{/*
The order of an end: the pod leaves the endpoints while preStop sleeps, then SIGTERM turns readiness off and the service ends within
SHUTDOWN_MS_MAX; the grace time is longer than both together.
*/}}
{{- define "common.deployment" -}}
{{- $values := .root.Values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  {{- if eq (include "common.isAutoscaled" .) "false" }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 3
  selector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  strategy:
    {{- toYaml (.def.strategy | default (dict "type" "RollingUpdate" "rollingUpdate" (dict "maxUnavailable" 0 "maxSurge" 1))) | nindent 4 }}
  template:
    metadata:
      labels:
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "common.labels" . | nindent 8 }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "common.podSpec" . | nindent 6 }}
{{- end }}

{{- define "common.podSpec" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "common.serviceAccountName" . }}
automountServiceAccountToken: {{ .def.kubernetesToken | default false }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add $values.shutdown.preStopSeconds $values.shutdown.maxSeconds 5 }}
securityContext:
  {{- include "common.podSecurity" . | nindent 2 }}
{{- with $values.global.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
containers:
  - name: {{ .def.name }}
    image: {{ include "common.image" (dict "root" .root "name" .def.name "image" $values.image) }}
    imagePullPolicy: {{ $values.global.image.pullPolicy }}
    env:
      {{- include "common.env" . | nindent 6 }}
    ports:
      - {name: http, containerPort: 8080, protocol: TCP}
      {{- range .def.ports }}
      - {name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
      {{- end }}
    startupProbe:
      httpGet: {path: /healthz, port: http}
      periodSeconds: 2
      failureThreshold: 150
    readinessProbe:
      httpGet: {path: /readyz, port: http}
      periodSeconds: 5
      timeoutSeconds: 3
      failureThreshold: 2
    livenessProbe:
      httpGet: {path: {{ .def.livenessPath | default "/healthz" }}, port: http}
      periodSeconds: 10
      timeoutSeconds: 5
      failureThreshold: 3
    {{- if $values.shutdown.preStopSeconds }}
    lifecycle:
      preStop:
        sleep: {seconds: {{ $values.shutdown.preStopSeconds }}}
    {{- end }}
    {{- with $values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      {{- include "common.containerSecurity" . | nindent 6 }}
    volumeMounts:
      {{- include "common.volumeMounts" . | nindent 6 }}
volumes:
  {{- include "common.volumes" . | nindent 2 }}
{{ include "common.scheduling" . }}
{{- end }}

{{- define "common.scheduling" -}}
{{- $values := .root.Values -}}
topologySpreadConstraints:
  {{- range $values.topologySpread }}
  - maxSkew: {{ .maxSkew }}
    topologyKey: {{ .topologyKey }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "common.selectorLabels" $ | nindent 8 }}
  {{- else }} []
  {{- end }}
{{- include "common.placement" $values }}
{{- end }}

{{/* Takes the values of the pods. */}}
{{- define "common.placement" -}}
{{- $values := . -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "priorityClassName" }}
{{- with get $values $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- end }}
