{{/*
Every template here takes a context: `root` is Helm's own (Values, Release, Chart), `def` the service's definition; see docs/adding-a-service.md.
Names do not depend on the release: an install is the one Botplane of its namespace, and each of its services may be a release of its own.
*/}}
{{- define "common.fullname" -}}
botplane-{{ .def.name }}
{{- end }}

{{- define "common.selectorLabels" -}}
app.kubernetes.io/name: {{ include "common.fullname" . }}
{{- end }}

{{- define "common.labels" -}}
{{ include "common.selectorLabels" . }}
{{ include "common.releaseLabels" .root }}
{{- end }}

{{/* Takes Helm's own context. */}}
{{- define "common.releaseLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: botplane
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | default .Chart.Version | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "common.metadata" -}}
name: {{ include "common.fullname" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "common.labels" . | nindent 2 }}
{{- end }}

{{- define "common.serviceAccountName" -}}
{{- with .root.Values.serviceAccount -}}
{{- if .create }}{{ .name | default (include "common.fullname" $) }}{{ else }}{{ .name | default "default" }}{{ end }}
{{- end -}}
{{- end }}

{{/* Image of a service. Takes {root, name, image}; `image` may override repository, tag and digest. */}}
{{- define "common.image" -}}
{{- $global := .root.Values.global.image -}}
{{- $image := .image | default dict -}}
{{- $repository := $image.repository | default (printf "%s/%s" $global.repository .name) -}}
{{- with $global.registry }}{{ $repository = printf "%s/%s" . $repository }}{{ end -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default $global.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}
