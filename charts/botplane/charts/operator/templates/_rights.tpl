{{/* What the operator does in the namespaces of bots. */}}
{{- define "operator.rules" -}}
- apiGroups: [botplane.dev]
  resources: [bots]
  verbs: [get, list, watch, patch]
- apiGroups: [botplane.dev]
  resources: [botrevisions]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [botplane.dev]
  resources: [botruntimes]
  verbs: [get, list, watch]
- apiGroups: [botplane.dev]
  resources: [bots/status, botrevisions/status, botruntimes/status]
  verbs: [update, patch]
# Owner references that block deletion ask for this.
- apiGroups: [botplane.dev]
  resources: [bots/finalizers, botrevisions/finalizers, botruntimes/finalizers]
  verbs: [update]
# Metadata is watched; values are read only of Secrets and ConfigMaps that a Bot names. RBAC knows no such names beforehand.
- apiGroups: [""]
  resources: [secrets, configmaps, pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Takes {root, kind, name, role}: who gets it is always the operator's service account. */}}
{{- define "operator.binding" -}}
{{- $cluster := eq .kind "ClusterRole" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  {{- include "operator.roleMeta" . | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: {{ .kind }}, name: {{ .name }}}
subjects:
  - kind: ServiceAccount
    name: {{ include "common.serviceAccountName" (dict "root" .root "def" (dict "name" "operator")) }}
    namespace: {{ .root.Release.Namespace }}
{{- end }}

{{- define "operator.roleMeta" -}}
name: {{ .name }}
{{- if eq .kind "Role" }}
namespace: {{ .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "common.labels" (dict "root" .root "def" (dict "name" "operator")) | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
