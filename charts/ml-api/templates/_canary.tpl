{{/*
The workloads of the release, each as a context for the templates of a pod: (list $ tracks), tracks being an empty dict.
It gets `stable`, and `canary` while there is one, whose .Values are those of the release with its own model, image and replicas.
*/}}
{{- define "ml-api.tracks" -}}
{{- $root := first . -}}
{{- $tracks := last . -}}
{{- if include "ml-api.hasWorkload" $root -}}
{{- $_ := set $tracks "stable" (set (omit $root "track") "track" "stable") -}}
{{- with $root.Values.canary -}}
{{- if .enabled -}}
{{- $values := deepCopy $root.Values -}}
{{- if .model -}}
{{- /* What names a bundle is the canary's own, and so is the trust in it. How it is fetched is told once, in `model`. */ -}}
{{- range $name := list "existingClaim" "subPath" "uri" "sha256" }}{{ $_ := set $values.model $name "" }}{{ end -}}
{{- $_ := set $values.model "trust" false -}}
{{- $_ := set $values.model "imageVolume" (omit ($values.model.imageVolume | default dict) "reference") -}}
{{- end -}}
{{- $_ := set $values "model" (mergeOverwrite $values.model (deepCopy (.model | default dict))) -}}
{{- if .image }}{{ $_ := set $values.image "digest" "" }}{{ end -}}
{{- $_ := set $values "image" (mergeOverwrite $values.image (deepCopy (.image | default dict))) -}}
{{- $_ := set $values "replicaCount" .replicaCount -}}
{{- $_ := set $values "autoscaling" dict -}}
{{- $_ := set $values "keda" dict -}}
{{- $_ := set $tracks "canary" (set (set (omit $root "Values") "Values" $values) "track" "canary") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The name of what belongs to one track: (list $ track). */}}
{{- define "ml-api.trackName" -}}
{{- $room := sub 62 (len (last .)) | int -}}
{{- printf "%s-%s" (include "ml-api.fullname" (first .) | trunc $room | trimSuffix "-") (last .) -}}
{{- end -}}

{{/* The Deployment's name: the stable one is called like the release. */}}
{{- define "ml-api.deploymentName" -}}
{{- eq .track "canary" | ternary (include "ml-api.trackName" (list . "canary")) (include "ml-api.fullname" .) -}}
{{- end -}}

{{/* What selects the pods of one track. The Service's labels select those of both. */}}
{{- define "ml-api.trackLabels" -}}
{{ include "ml-api.selectorLabels" . }}
track: {{ .track }}
{{- end -}}

{{/* "true" when an HTTPRoute divides the requests while there is a canary, and when it does so right now. */}}
{{- define "ml-api.hasWeight" -}}
{{- if and (.Values.httpRoute).enabled (not (kindIs "invalid" (.Values.canary).weight)) }}true{{ end -}}
{{- end -}}

{{- define "ml-api.weighted" -}}
{{- if (.Values.canary).enabled }}{{ include "ml-api.hasWeight" . }}{{ end -}}
{{- end -}}

{{/* What a track serves: its image and what names its bundle. */}}
{{- define "ml-api.served" -}}
{{- $model := pick .Values.model "existingClaim" "subPath" "uri" "sha256" -}}
{{- list (include "ml-api.image" .) $model ((.Values.model.imageVolume).reference | default "") | toJson -}}
{{- end -}}

{{- define "ml-api.refuse.canary" }}
{{- $tracks := dict }}
{{- include "ml-api.tracks" (list . $tracks) }}
{{- with $tracks.canary }}
{{- if eq (include "ml-api.served" .) (include "ml-api.served" $tracks.stable) }}
- canary.enabled needs something that differs from the stable pods; set canary.model or canary.image.
{{- end }}
{{- if .Values.canary.model }}
{{- if and (include "ml-api.modelSource" $tracks.stable) (not (include "ml-api.modelSource" .)) (not .Values.model.sha256) }}
- canary.model names no bundle, so the canary would serve the one inside its image; name one there, or give its sha256 if you mean that.
{{- end }}
{{- include "ml-api.refuse.model" . | replace "model." "canary.model." | replace "canary.model.json" "model.json" }}
{{- end }}
{{- if eq (.Values.canary.image).tag "latest" }}
- canary.image.tag must not be latest, as nobody can tell what that ran, nor roll back to it; name a version.
{{- end }}
{{- if not (kindIs "invalid" .Values.canary.weight) }}
{{- if not (.Values.httpRoute).enabled }}
- canary.weight needs an HTTPRoute that divides the requests; set httpRoute.enabled, or unset it for the share of the pods.
{{- end }}
{{- /* A route would answer the share of a Service without ready pods with errors. No cluster in sight (helm template): no check. */}}
{{- $stable := lookup "apps/v1" "Deployment" .Release.Namespace (include "ml-api.fullname" .) }}
{{- $canary := lookup "apps/v1" "Deployment" .Release.Namespace (include "ml-api.deploymentName" .) }}
{{- if and $stable (not (dig "spec" "template" "metadata" "labels" "track" "" $stable)) }}
- canary.weight needs pods with the label track, which those of an earlier chart lack; upgrade once without canary.weight.
{{- else if and $stable (gt (int .Values.canary.weight) 0) (not (dig "status" "availableReplicas" 0 $canary)) }}
- {{ printf "canary.weight %v would send requests to a canary of which no pod is ready; upgrade with canary.weight 0 first." .Values.canary.weight }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
