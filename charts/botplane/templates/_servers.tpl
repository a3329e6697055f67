{{/*
A server that this chart can install: one StatefulSet with a Service of the same name. Takes {root, name, values, ports, container, initContainers,
volumes, replicas, lintIgnore}. `container` and the like are YAML; the values are those of `nats`, `postgres` or `s3`.
*/}}
{{- define "botplane.server" -}}
{{- $ctx := dict "root" .root "def" (dict "name" .name) -}}
{{- $values := .values -}}
{{- $clients := .clients -}}
{{- with .root.Values.backup }}{{ if and .enabled (has $.name .parts) }}{{ $clients = append $clients "botplane-backup" }}{{ end }}{{ end -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "common.metadata" $ctx | nindent 2 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: {{ gt (int .replicas) 1 }}
  selector:
    {{- include "common.selectorLabels" $ctx | nindent 4 }}
  ports:
    {{- range .ports }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: TCP}
    {{- end }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "common.metadata" $ctx | nindent 2 }}
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "common.metadata" $ctx | nindent 2 }}
  {{- with .lintIgnore }}
  annotations:
    kube-score/ignore: {{ . }}
  {{- end }}
spec:
  replicas: {{ .replicas }}
  serviceName: {{ include "common.fullname" $ctx }}
  podManagementPolicy: Parallel
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $ctx | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "common.labels" $ctx | nindent 8 }}
    spec:
      serviceAccountName: {{ include "common.fullname" $ctx }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        runAsNonRoot: true
        runAsUser: {{ $values.user }}
        runAsGroup: {{ $values.user }}
        fsGroup: {{ $values.user }}
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile: {type: RuntimeDefault}
      {{- with .root.Values.global.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      {{- with .initContainers }}
      initContainers:
        {{- . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ $values.image.repository }}:{{ $values.image.tag }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          {{- with $values.image.command }}
          command: {{ toJson . }}
          {{- end }}
          ports:
            {{- range .ports }}
            - {name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
            {{- end }}
          securityContext:
            {{- include "common.containerSecurity" . | nindent 12 }}
          resources:
            {{- include "botplane.serverResources" $values | nindent 12 }}
          {{- .container | nindent 10 }}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "common.selectorLabels" $ctx | nindent 14 }}
      volumes:
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
        - name: tmp
          emptyDir: {sizeLimit: 64Mi}
        {{- if $values.storage.ephemeral }}
        - name: data
          emptyDir: {sizeLimit: {{ $values.storage.size }}}
        {{- end }}
  {{- if not $values.storage.ephemeral }}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $values.storage.className }}
        storageClassName: {{ . }}
        {{- end }}
        resources: {requests: {storage: {{ $values.storage.size }}}}
  {{- end }}
{{- if gt (int .replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "common.metadata" $ctx | nindent 2 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "common.selectorLabels" $ctx | nindent 6 }}
{{- end }}
{{- if .root.Values.global.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" $ctx | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" $ctx | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector: {matchExpressions: [{key: app.kubernetes.io/name, operator: In, values: {{ toJson $clients }}}]}
      ports: [{protocol: TCP, port: {{ (first .ports).port }}}]
    {{- if gt (int .replicas) 1 }}
    - from:
        - podSelector: {matchLabels: {app.kubernetes.io/name: {{ include "common.fullname" $ctx }}}}
      ports: [{protocol: TCP, port: 6222}]
    {{- end }}
  egress:
    {{- if gt (int .replicas) 1 }}
    {{- include "common.to.dns" .root | nindent 4 }}
    - to:
        - podSelector: {matchLabels: {app.kubernetes.io/name: {{ include "common.fullname" $ctx }}}}
      ports: [{protocol: TCP, port: 6222}]
    {{- else }} []
    {{- end }}
{{- end }}
{{- end }}

{{/* What is on the node's disk is bounded, unless the data is there: that has a bound of its own. */}}
{{- define "botplane.serverResources" -}}
{{- if .storage.ephemeral -}}
{{ toYaml .resources }}
{{- else -}}
{{ toYaml (mergeOverwrite (dict "requests" (dict "ephemeral-storage" "64Mi") "limits" (dict "ephemeral-storage" "1Gi")) (deepCopy .resources)) }}
{{- end }}
{{- end }}
