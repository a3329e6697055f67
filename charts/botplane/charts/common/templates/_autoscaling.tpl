{{/* Exactly one thing sets the number of pods: `replicas`, a HorizontalPodAutoscaler, or KEDA (which makes one of its own). */}}
{{- define "common.isAutoscaled" -}}
{{- ne (dig "autoscaling" "type" "None" (omit .root.Values "global")) "None" -}}
{{- end }}

{{- define "common.autoscaling" -}}
{{- if eq (include "common.isAutoscaled" .) "true" -}}
{{- if gt (int .root.Values.autoscaling.minReplicas) (int .root.Values.autoscaling.maxReplicas) }}
{{- fail (printf "%s: autoscaling.minReplicas must not be above autoscaling.maxReplicas" (include "common.fullname" .)) }}
{{- end }}
{{- if eq .root.Values.autoscaling.type "KEDA" }}
{{- include "common.scaledObject" . }}
{{- else }}
{{- include "common.horizontalPodAutoscaler" . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "common.scaleBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies: [{type: Percent, value: 100, periodSeconds: 15}, {type: Pods, value: 2, periodSeconds: 15}]
  selectPolicy: Max
scaleDown:
  stabilizationWindowSeconds: {{ .root.Values.autoscaling.scaleDownSeconds }}
  policies: [{type: Percent, value: 50, periodSeconds: 60}]
{{- end }}

{{- define "common.horizontalPodAutoscaler" -}}
{{- $scaling := .root.Values.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- if .def.scaleTarget }}
  annotations:
    # It knows Deployments only.
    kube-score/ignore: horizontalpodautoscaler-has-target
  {{- end }}
spec:
  scaleTargetRef:
    {{- toYaml (.def.scaleTarget | default (dict "apiVersion" "apps/v1" "kind" "Deployment" "name" (include "common.fullname" .))) | nindent 4 }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    {{- if eq $scaling.type "CPU" }}
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ $scaling.cpuPercent }}}
    {{- else }}
    - type: External
      external:
        metric:
          name: {{ $scaling.external.metricName }}
          {{- with $scaling.external.selector }}
          selector:
            matchLabels:
              {{- toYaml . | nindent 14 }}
          {{- end }}
        target: {type: AverageValue, averageValue: {{ $scaling.lagPerReplica | quote }}}
    {{- end }}
  behavior:
    {{- include "common.scaleBehavior" . | nindent 4 }}
{{- end }}

{{- define "common.scaledObject" -}}
{{- $scaling := .root.Values.autoscaling -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "common.metadata" . | nindent 2 }}
  {{- with $scaling.keda.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  scaleTargetRef:
    name: {{ include "common.fullname" . }}
  minReplicaCount: {{ $scaling.minReplicas }}
  maxReplicaCount: {{ $scaling.maxReplicas }}
  pollingInterval: {{ $scaling.keda.pollingSeconds }}
  cooldownPeriod: {{ $scaling.keda.cooldownSeconds }}
  fallback:
    failureThreshold: 3
    replicas: {{ $scaling.minReplicas }}
    behavior: currentReplicasIfHigher
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- include "common.scaleBehavior" . | nindent 8 }}
  triggers:
    {{- if $scaling.keda.triggers }}
    {{- toYaml $scaling.keda.triggers | nindent 4 }}
    {{- else }}
    - type: metrics-api
      metricType: AverageValue
      metadata:
        url: http://botplane-api.{{ .root.Release.Namespace }}.svc:8080/lag
        valueLocation: mean.{{ required (printf "%s has no lag of its own: name autoscaling.keda.triggers" (include "common.fullname" .)) .def.lag }}
        targetValue: {{ $scaling.lagPerReplica | quote }}
    {{- end }}
{{- end }}

{{- define "common.disruptionBudget" -}}
{{- if .root.Values.disruptionBudget.enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .root.Values.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
{{- end }}
{{- end }}
