{{/* "true" when the number of replicas belongs to an autoscaler of this chart, or to one outside it. */}}
{{- define "ml-api.autoscaled" -}}
{{- if or (.Values.autoscaling).enabled (.Values.keda).enabled (kindIs "invalid" .Values.replicaCount) }}true{{ end -}}
{{- end -}}

{{/* The fewest pods there can be; empty when a scaler outside this chart decides. */}}
{{- define "ml-api.fewestReplicas" -}}
{{- if (.Values.autoscaling).enabled -}}
{{- .Values.autoscaling.minReplicas | toJson -}}
{{- else if (.Values.keda).enabled -}}
{{- .Values.keda.minReplicaCount | toJson -}}
{{- else if not (kindIs "invalid" .Values.replicaCount) -}}
{{- .Values.replicaCount | toJson -}}
{{- end -}}
{{- end -}}

{{/*
spec.replicas of the Deployment; empty means: leave the field out.

Without an autoscaler it is replicaCount. With one it is left out, except where leaving it out would reset a running
Deployment to Kubernetes' default of 1: Helm removes a field that its last manifest had and this one lacks, and it
did have it when an autoscaler has just taken over. Then the live number is repeated, which changes nothing.
- Client-side apply (Helm 3): the last manifest cannot be seen from here, so the live number is always repeated.
- Server-side apply (Helm 4): left out as soon as a scaler has written the field, because then the field survives, and
  writing it as well could only conflict. The scaler's entry in managedFields owns replicas, but not the pod template.
*/}}
{{- define "ml-api.replicas" -}}
{{- if not (include "ml-api.autoscaled" .) -}}
{{- include "ml-api.fewestReplicas" . -}}
{{- else -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "ml-api.fullname" .) -}}
{{- $serverSide := false -}}
{{- $scaled := false -}}
{{- range dig "metadata" "managedFields" list $live -}}
{{- $spec := dig "fieldsV1" "f:spec" dict . -}}
{{- if hasKey $spec "f:template" -}}
{{- $serverSide = or $serverSide (eq .operation "Apply") -}}
{{- else if hasKey $spec "f:replicas" -}}
{{- $scaled = true -}}
{{- end -}}
{{- end -}}
{{- if not (and $serverSide $scaled) -}}
{{- dig "spec" "replicas" "" $live -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "ml-api.refuse.autoscaling" }}
{{- with .Values.autoscaling }}
{{- $requests := mergeOverwrite dict ($.Values.resources.limits | default dict) ($.Values.resources.requests | default dict) }}
{{- if .enabled }}
{{- if ($.Values.keda).enabled }}
- autoscaling.enabled and keda.enabled exclude each other, as both would own the replicas; switch one of them off.
{{- end }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
- {{ printf "autoscaling.minReplicas (%v) is above autoscaling.maxReplicas (%v); lower the one or raise the other." .minReplicas .maxReplicas }}
{{- end }}
{{- if not (or .targetCPUUtilizationPercentage .targetMemoryUtilizationPercentage .metrics) }}
- autoscaling.enabled needs something to scale by; set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or metrics.
{{- end }}
{{- if and .targetCPUUtilizationPercentage (not $requests.cpu) }}
- autoscaling.targetCPUUtilizationPercentage is a share of resources.requests.cpu; set that request.
{{- end }}
{{- if and .targetMemoryUtilizationPercentage (not $requests.memory) }}
- autoscaling.targetMemoryUtilizationPercentage is a share of resources.requests.memory; set that request.
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.keda }}
{{- if .enabled }}
{{- if gt (int .minReplicaCount) (int .maxReplicaCount) }}
- {{ printf "keda.minReplicaCount (%v) is above keda.maxReplicaCount (%v); lower the one or raise the other." .minReplicaCount .maxReplicaCount }}
{{- end }}
{{- if not .triggers }}
- keda.enabled needs at least one entry in keda.triggers.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
