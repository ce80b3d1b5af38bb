{{/* The chart's name, or what stands in for it. */}}
{{- define "ml-api.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of all objects: a DNS label, as the Service needs one. A release may have dots in its name. */}}
{{- define "ml-api.fullname" -}}
{{- $name := include "ml-api.name" . -}}
{{- $release := .Release.Name | replace "." "-" -}}
{{- $default := contains $name $release | ternary $release (printf "%s-%s" $release $name) -}}
{{- .Values.fullnameOverride | default $default | trunc 63 | trimAll "-" -}}
{{- end -}}

{{/* What selects the service's pods. Immutable in a Deployment, so nothing that an upgrade may change belongs here. */}}
{{- define "ml-api.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ml-api.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of the test pods: another name, so that neither the Service nor an autoscaler takes them for the service. */}}
{{- define "ml-api.testSelectorLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "ml-api.name" . | trunc 58 | trimSuffix "-") | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels that no selector uses, and that change only with what runs. */}}
{{- define "ml-api.descriptiveLabels" -}}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "-._" | quote }}
app.kubernetes.io/part-of: {{ .Chart.Name | quote }}
{{- end -}}

{{/* Labels of objects, but not of pods: a new version of the chart alone restarts nothing. */}}
{{- define "ml-api.chartLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{/* Labels of an object: (list $ extra). The chart's own win over the user's, so that no value can break a selector. */}}
{{- define "ml-api.labels" -}}
{{- $root := first . -}}
{{- printf "%s\n%s" (include "ml-api.podLabels" .) (include "ml-api.chartLabels" $root) | fromYaml | toYaml -}}
{{- end -}}

{{/* Labels of the service's pods: (list $ extra), and of what else belongs to one track. */}}
{{- define "ml-api.podLabels" -}}
{{- $root := first . -}}
{{- $own := printf "%s\n%s" (include "ml-api.selectorLabels" $root) (include "ml-api.descriptiveLabels" $root) | fromYaml -}}
{{- with get $root "track" }}{{ $_ := set $own "track" . }}{{ end -}}
{{- mergeOverwrite dict ($root.Values.commonLabels | default dict) (last . | default dict) $own | toYaml -}}
{{- end -}}

{{/* Labels of what belongs to the helm tests. */}}
{{- define "ml-api.testLabels" -}}
{{- mergeOverwrite (include "ml-api.labels" (list . nil) | fromYaml) (include "ml-api.testSelectorLabels" . | fromYaml) | toYaml -}}
{{- end -}}

{{/* The annotations block of an object, or nothing: (list $ extra). */}}
{{- define "ml-api.annotations" -}}
{{- with mergeOverwrite dict ((first .).Values.commonAnnotations | default dict) (last . | default dict) -}}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* metadata of an object: (list $ labels annotations), and its name where it is not that of the release. */}}
{{- define "ml-api.metadata" -}}
{{- $root := first . -}}
name: {{ slice . 3 | first | default (include "ml-api.fullname" $root) | quote }}
namespace: {{ $root.Release.Namespace | quote }}
labels:
  {{- include "ml-api.labels" (list $root (index . 1)) | nindent 2 }}
{{- with include "ml-api.annotations" (list $root (index . 2)) }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "ml-api.serviceAccountName" -}}
{{- $default := .Values.serviceAccount.create | ternary (include "ml-api.fullname" .) "default" -}}
{{- .Values.serviceAccount.name | default $default -}}
{{- end -}}

{{/* REGISTRY/REPOSITORY:TAG@DIGEST, each part but the repository and the tag optional. */}}
{{- define "ml-api.image" -}}
{{- $registry := .Values.image.registry | default (.Values.global).imageRegistry -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end }}{{ .Values.image.repository }}:{{ $tag }}
{{- with .Values.image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* "true" unless the Service is only an alias for something outside the release. */}}
{{- define "ml-api.hasWorkload" -}}
{{- if ne .Values.service.type "ExternalName" }}true{{ end -}}
{{- end -}}
