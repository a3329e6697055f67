{{/* Where the parts of an install find each other and what they need. All take Helm's own context. */}}
{{- define "common.natsUrl" -}}
{{- with .Values.global.nats -}}
{{- if .install }}nats://botplane-nats.{{ $.Release.Namespace }}.svc:4222{{ else }}{{ .url }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "common.s3Endpoint" -}}
{{- with .Values.global.s3 -}}
{{- if .install }}http://botplane-s3.{{ $.Release.Namespace }}.svc:7070{{ else }}{{ .endpoint }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "common.s3Secret" -}}
{{- with .Values.global.s3 }}{{ if .install }}botplane-s3{{ else }}{{ .secret.name }}{{ end }}{{ end -}}
{{- end }}

{{- define "common.postgresSecret" -}}
{{- with .Values.global.postgres }}{{ if .install }}botplane-postgres{{ else }}{{ .secret.name }}{{ end }}{{ end -}}
{{- end }}

{{/* Root of the collector that this service sends traces to; empty: none. Takes the usual context. */}}
{{- define "common.tracesTo" -}}
{{- if (.def.needs | default dict).tracing }}{{ .root.Values.global.tracing.endpoint }}{{ end -}}
{{- end }}

{{- define "common.telegramApi" -}}
{{- if .Values.global.simulator.enabled }}http://botplane-simulator.{{ .Release.Namespace }}.svc:8080{{ else }}{{ .Values.global.telegramApi }}{{ end -}}
{{- end }}

{{/* Public root of ingress; the simulator reaches it inside the cluster. */}}
{{- define "common.webhookUrl" -}}
{{- with .Values.global.webhook -}}
{{- if .url }}{{ .url }}
{{- else if .host }}https://{{ .host }}
{{- else if $.Values.global.simulator.enabled }}http://botplane-ingress.{{ $.Release.Namespace }}.svc:8080
{{- end -}}
{{- end -}}
{{- end }}

{{/* Ports of a URL, or of several separated by commas, as a JSON list. Takes {url, default}. */}}
{{- define "common.portsOf" -}}
{{- $ports := list -}}
{{- range splitList "," .url -}}
{{- $port := regexFind ":[0-9]+$" (regexReplaceAll "/.*$" (regexReplaceAll "^[a-z]+://" (trim .) "") "") | trimPrefix ":" -}}
{{- $ports = append $ports (int ($port | default $.default)) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end }}

{{/* Fails with everything that a service needs and the values do not say. Takes the usual context. */}}
{{- define "common.validate" -}}
{{- $needs := .def.needs | default dict -}}
{{- $problems := list -}}
{{- if and $needs.nats (not (include "common.natsUrl" .root)) }}{{ $problems = append $problems "global.nats.url: name a NATS with JetStream, or set global.nats.install for one in the cluster" }}{{ end -}}
{{- if and $needs.s3 (not (include "common.s3Endpoint" .root)) }}{{ $problems = append $problems "global.s3.endpoint: name an S3 service, or set global.s3.install for a trial" }}{{ end -}}
{{- if and $needs.s3 (not (include "common.s3Secret" .root)) }}{{ $problems = append $problems "global.s3.secret.name: name the Secret with its keys" }}{{ end -}}
{{- if and $needs.postgres (not (include "common.postgresSecret" .root)) }}{{ $problems = append $problems "global.postgres.secret.name: name the Secret with the database's URL, or set global.postgres.install for a trial" }}{{ end -}}
{{- if and $needs.webhookUrl (not (include "common.webhookUrl" .root)) }}{{ $problems = append $problems "global.webhook.host: name the public host that Telegram calls" }}{{ end -}}
{{- with $problems }}{{ fail (printf "\n\n%s needs more values (profiles/quickstart.yaml is an install to try out):\n  - %s\n" (include "common.fullname" $) (join "\n  - " .)) }}{{ end -}}
{{- end }}
