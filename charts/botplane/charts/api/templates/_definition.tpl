{{- define "api.definition" -}}
name: api
service: true
needs: {nats: true, postgres: true, tracing: true, keys: [api-admin-key]}
network:
  to: [nats, postgres]
  {{- with .Values.from }}
  from: [{port: 8080, peers: {{ toJson . }}}]
  {{- end }}
{{- end }}
