{{/*
What a service may reach and who may reach it. `network.to` names destinations below, `network.from` is a list of {port, peers};
without `peers` everybody may come. docs/flows.md lists every flow that results; a test compares.
*/}}
{{- define "common.networkPolicy" -}}
{{- if .root.Values.global.networkPolicy.enabled -}}
{{- $network := .def.network | default dict -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "common.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "common.selectorLabels" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- include "common.from.monitoring" .root | nindent 4 }}
    {{- range $network.from }}
    - ports: [{protocol: TCP, port: {{ .port }}}]
      {{- with .peers }}
      from:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    {{- end }}
    {{- with .root.Values.networkPolicy.ingress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  egress:
    {{- $to := prepend ($network.to | default list) "dns" }}
    {{- if include "common.tracesTo" . }}{{ $to = append $to "collector" }}{{ end }}
    {{- range $to }}
    {{- include (printf "common.to.%s" .) $.root | trim | nindent 4 }}
    {{- end }}
    {{- with .root.Values.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end }}

{{/* All below take Helm's own context. */}}
{{- define "common.from.monitoring" -}}
- from:
    {{- toYaml .Values.global.networkPolicy.monitoring | nindent 4 }}
  ports: [{protocol: TCP, port: 8080}]
{{- end }}

{{/* A rule to peers (nobody named: anywhere) and ports. Takes {peers, ports}. */}}
{{- define "common.to" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with .peers }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "common.peer" -}}
podSelector: {matchLabels: {app.kubernetes.io/name: botplane-{{ . }}}}
{{- end }}

{{- define "common.to.dns" -}}
- ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
  to:
    {{- toYaml .Values.global.networkPolicy.dns | nindent 4 }}
{{- end }}

{{- define "common.to.nats" -}}
{{- $peers := ternary (list (include "common.peer" "nats" | fromYaml)) .Values.global.networkPolicy.nats .Values.global.nats.install -}}
{{- include "common.to" (dict "peers" $peers "ports" (include "common.portsOf" (dict "url" (include "common.natsUrl" .) "default" 4222) | fromJsonArray)) }}
{{- end }}

{{- define "common.to.s3" -}}
{{- $peers := ternary (list (include "common.peer" "s3" | fromYaml)) .Values.global.networkPolicy.s3 .Values.global.s3.install -}}
{{- $endpoint := include "common.s3Endpoint" . -}}
{{- include "common.to" (dict "peers" $peers "ports" (include "common.portsOf" (dict "url" $endpoint "default" (ternary 443 80 (hasPrefix "https:" $endpoint))) | fromJsonArray)) }}
{{- end }}

{{- define "common.to.postgres" -}}
{{- $peers := ternary (list (include "common.peer" "postgres" | fromYaml)) .Values.global.networkPolicy.postgres .Values.global.postgres.install -}}
{{- include "common.to" (dict "peers" $peers "ports" (list (ternary 5432 .Values.global.postgres.port .Values.global.postgres.install))) }}
{{- end }}

{{- define "common.to.collector" -}}
{{- $endpoint := .Values.global.tracing.endpoint -}}
{{- include "common.to" (dict "peers" .Values.global.networkPolicy.collector "ports" (include "common.portsOf" (dict "url" $endpoint "default" (ternary 443 80 (hasPrefix "https:" $endpoint))) | fromJsonArray)) }}
{{- end }}

{{- define "common.to.kubernetes" -}}
{{- include "common.to" (dict "peers" .Values.global.networkPolicy.kubernetes.peers "ports" .Values.global.networkPolicy.kubernetes.ports) }}
{{- end }}

{{- define "common.to.runtime" -}}
- ports: [{protocol: TCP, port: 9090}]
  to:
    - namespaceSelector: {}
      podSelector: {matchLabels: {app.kubernetes.io/name: botplane-runtime}}
{{- end }}

{{- define "common.to.telegram" -}}
{{- if .Values.global.simulator.enabled -}}
{{- include "common.to.simulator" . }}
{{- else -}}
{{- $url := .Values.global.telegramApi -}}
{{- $ports := include "common.portsOf" (dict "url" $url "default" (ternary 443 80 (hasPrefix "https:" $url))) | fromJsonArray -}}
{{- include "common.to" (dict "peers" (.Values.global.networkPolicy.telegram | default (include "common.publicPeers" . | fromYamlArray)) "ports" $ports) }}
{{- end -}}
{{- end }}

{{- define "common.to.simulator" -}}
{{- include "common.to" (dict "peers" (list (include "common.peer" "simulator" | fromYaml)) "ports" (list 8080)) }}
{{- end }}

{{- define "common.to.webhook" -}}
{{- include "common.to" (dict "peers" (list (include "common.peer" "ingress" | fromYaml)) "ports" (list 8080)) }}
{{- end }}

{{/* Public addresses: what bots may call is the executor's egress guard to decide, but a private address never. */}}
{{- define "common.to.internet" -}}
{{- include "common.to" (dict "peers" (include "common.publicPeers" . | fromYamlArray) "ports" .Values.global.networkPolicy.internetPorts) }}
{{- end }}

{{- define "common.publicPeers" -}}
- ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 198.18.0.0/15, 224.0.0.0/3]}
- ipBlock: {cidr: "::/0", except: ["::1/128", "fc00::/7", "fe80::/10", "ff00::/8"]}
{{- end }}
