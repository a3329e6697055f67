{{- define "ingress.definition" -}}
name: ingress
service: true
needs:
  nats: true
  tracing: true
  {{- if .Values.polling }}
  keys: [token-key]
  {{- end }}
env:
  BOTPLANE_BOT_UPDATES_PER_SECOND_MAX: {{ .Values.updatesPerSecondMax }}
  {{- with .Values.updateSources }}
  BOTPLANE_UPDATE_SOURCES: {{ join "," . | quote }}
  {{- end }}
  {{- with .Values.trustedProxies }}
  BOTPLANE_TRUSTED_PROXIES: {{ join "," . | quote }}
  {{- end }}
network:
  to: [nats{{ if .Values.polling }}, telegram{{ end }}]
  from: [{port: 8080, peers: {{ toJson .Values.from }}}]
{{- end }}
