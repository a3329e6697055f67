{{- define "executor.definition" -}}
name: executor
lag: updates
needs: {nats: true, s3: true, tracing: true, keys: [secrets-key]}
env:
  BOTPLANE_UPDATES_RUNNING_MAX: {{ .Values.updatesRunningMax }}
  BOTPLANE_EGRESS_ROUTES: {{ toJson .Values.egressRoutes | quote }}
network:
  to: [nats, s3, runtime, internet]
{{- end }}
