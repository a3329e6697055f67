{{/* Context of something that this chart makes itself, under the name botplane-<name>. */}}
{{- define "botplane.part" -}}
{{- include "common.metadata" (dict "root" .root "def" (dict "name" .name)) }}
{{- end }}

{{/* A value of a Secret that is made once: what the cluster has, else `made`. Takes {root, secret, key, made}; the result is base64. */}}
{{- define "botplane.keptValue" -}}
{{- $found := lookup "v1" "Secret" .root.Release.Namespace .secret | default dict -}}
{{- dig "data" .key (b64enc .made) $found -}}
{{- end }}
