{{- define "delivery.definition" -}}
name: delivery
lag: outbound
needs: {nats: true, s3: true, telegram: true, tracing: true, keys: [token-key]}
env:
  BULK_PER_SECOND: {{ .Values.bulkPerSecond }}
network:
  to: [nats, s3, telegram]
{{- end }}
