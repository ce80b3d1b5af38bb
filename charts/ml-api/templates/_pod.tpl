{{/* Where the bundle comes from: claim, fetch, imageVolume, or nothing for the one inside the image. */}}
{{- define "ml-api.modelSource" -}}
{{- if .Values.model.existingClaim }}claim
{{- else if .Values.model.uri }}fetch
{{- else if (.Values.model.imageVolume).reference }}imageVolume
{{- end -}}
{{- end -}}

{{/* The service's environment. A map until it is printed, so that no name can come twice. */}}
{{- define "ml-api.env" -}}
{{- $env := deepCopy (.Values.env | default dict) -}}
{{- $_ := set $env "ML_API_POD_NAME" (dict "valueFrom" (dict "fieldRef" (dict "fieldPath" "metadata.name"))) -}}
{{- if include "ml-api.modelSource" . }}{{ $_ := set $env "ML_API_MODEL_DIR" "/models" }}{{ end -}}
{{- with .Values.model.sha256 }}{{ $_ := set $env "ML_API_MODEL_SHA256" . }}{{ end -}}
{{- if .Values.model.trust }}{{ $_ := set $env "ML_API_TRUST_MODEL" "true" }}{{ end -}}
{{- range $name, $value := $env }}
- name: {{ $name | quote }}
  {{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
  {{- else }}
  value: {{ include "ml-api.asText" $value | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* A value as text. Numbers go through JSON, as 67108864 would print as 6.7108864e+07. */}}
{{- define "ml-api.asText" -}}
{{- kindIs "string" . | ternary . (toJson .) -}}
{{- end -}}

{{- define "ml-api.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- $source := include "ml-api.modelSource" . }}
{{- with .Values.model }}
{{- if eq $source "claim" }}
- name: model
  persistentVolumeClaim: {claimName: {{ .existingClaim | quote }}, readOnly: true}
{{- else if eq $source "fetch" }}
- name: model
  emptyDir: {sizeLimit: {{ .sizeLimit | quote }}}
{{- with (.fetch).secret }}
- name: fetch-secret
  secret: {secretName: {{ . | quote }}}
{{- end }}
{{- else if eq $source "imageVolume" }}
- name: model
  image: {reference: {{ .imageVolume.reference | quote }}, pullPolicy: {{ .imageVolume.pullPolicy | quote }}}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Mounts of a container: (list $ readOnly), readOnly telling how it sees the bundle. */}}
{{- define "ml-api.volumeMounts" -}}
{{- $root := first . -}}
- {name: tmp, mountPath: /tmp}
{{- if include "ml-api.modelSource" $root }}
- name: model
  mountPath: /models
  readOnly: {{ last . }}
  {{- with $root.Values.model.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with $root.Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The init container that fetches the bundle, with the image and the environment of the service. */}}
{{- define "ml-api.fetchContainer" -}}
- name: fetch-model
  image: {{ include "ml-api.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy | quote }}
  args: [fetch, {{ .Values.model.uri | quote }}, --sha256, {{ .Values.model.sha256 | quote }}, --out, /models]
  env:
    {{- include "ml-api.env" . | trim | nindent 4 }}
    {{- with .Values.model.fetch }}
    {{- if .secret }}
    - {name: ML_API_FETCH_CREDENTIALS, value: {{ include "ml-api.fetchSecret" $ }}}
    {{- end }}
    {{- if .plainHttp }}
    - {name: ML_API_FETCH_PLAIN_HTTP, value: "true"}
    {{- end }}
    {{- end }}
  {{- with concat (.Values.envFrom | default list) ((.Values.model.fetch).envFrom | default list) }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.securityContext | nindent 4 }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  terminationMessagePolicy: FallbackToLogsOnError
  volumeMounts:
    {{- include "ml-api.volumeMounts" (list . false) | nindent 4 }}
    {{- if (.Values.model.fetch).secret }}
    - {name: fetch-secret, mountPath: {{ include "ml-api.fetchSecret" . }}, readOnly: true}
    {{- end }}
{{- end -}}

{{/* Where the init container sees its Secret. */}}
{{- define "ml-api.fetchSecret" -}}/var/run/secrets/ml-api{{- end -}}

{{/* Affinity: the user's, with the chart's podAntiAffinity where the user has none. */}}
{{- define "ml-api.affinity" -}}
{{- $affinity := deepCopy (.Values.affinity | default dict) -}}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "ml-api.trackLabels" . | fromYaml)) -}}
{{- $own := dict -}}
{{- if eq .Values.podAntiAffinity "soft" -}}
{{- $own = dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) -}}
{{- else if eq .Values.podAntiAffinity "hard" -}}
{{- $own = dict "requiredDuringSchedulingIgnoredDuringExecution" (list $term) -}}
{{- end -}}
{{- if and $own (not $affinity.podAntiAffinity) }}{{ $_ := set $affinity "podAntiAffinity" $own }}{{ end -}}
{{- with $affinity }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* Spread constraints, each with the selector of these pods unless it has its own. */}}
{{- define "ml-api.topologySpreadConstraints" -}}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "ml-api.trackLabels" . | fromYaml)) -}}
{{- range .Values.topologySpreadConstraints }}
- {{ hasKey . "labelSelector" | ternary . (merge (deepCopy .) $selector) | toYaml | nindent 2 | trim }}
{{- end }}
{{- end -}}
