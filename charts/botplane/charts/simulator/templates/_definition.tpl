{{- define "simulator.definition" -}}
name: simulator
service: true
# Bots and chats are kept in memory.
strategy: {type: Recreate}
env:
  HOST: 0.0.0.0
  # The network policy says who comes.
  SIMULATOR_CONTROL_FROM: anywhere
  SIMULATOR_BOTS: {{ toJson .Values.bots | quote }}
network:
  to: [webhook]
  from:
    - port: 8080
      peers:
        - {podSelector: {matchExpressions: [{key: app.kubernetes.io/name, operator: In, values: [botplane-operator, botplane-ingress, botplane-delivery, botplane-test]}]}}
{{- end }}
