{{/* metadata of an object for monitoring: (list $ values). In a namespace shared with other releases its name tells where it came from. */}}
{{- define "ml-api.monitoring.metadata" -}}
{{- $root := first . -}}
{{- with last . -}}
{{- $home := $root.Release.Namespace -}}
{{- $name := include "ml-api.fullname" $root -}}
name: {{ has .namespace (list "" $home) | ternary $name (printf "%s-%s" $home $name) | quote }}
namespace: {{ .namespace | default $home | quote }}
labels:
  {{- include "ml-api.labels" (list $root .labels) | nindent 2 }}
{{- with include "ml-api.annotations" (list $root .annotations) }}
{{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* PromQL matchers for the series of this release. `job` is the Service's name, as the Prometheus operator sets it. */}}
{{- define "ml-api.monitoring.matchers" -}}
namespace={{ .Release.Namespace | quote }},job={{ include "ml-api.fullname" . | quote }}
{{- end }}

{{/*
PromQL for the rate of a series of predictions, from series, matchers and window. Probes, pages and requests for what does not
exist are left out: they would water the ratios down.
*/}}
{{- define "ml-api.monitoring.rate" -}}
sum by (namespace, job) (rate({{ .series }}{ {{- .matchers }},method="POST",handler=~"/predict|/v[12]/.+"{{ .also }}}[{{ .window }}]))
{{- end }}

{{/* Ratio of predictions that failed, from matchers and window. No requests, no ratio: it divides by nothing, not by zero. */}}
{{- define "ml-api.monitoring.errorRatio" -}}
{{- $failed := dict "series" "http_requests_total" "also" ",status=\"5xx\"" -}}
{{- $all := dict "series" "http_requests_total" "also" "" -}}
{{ include "ml-api.monitoring.rate" (mergeOverwrite dict . $failed) }}
/ ({{ include "ml-api.monitoring.rate" (mergeOverwrite dict . $all) }} > 0)
{{- end }}

{{/* Ratio of predictions that took longer than a bucket's bound, from matchers, window and seconds. */}}
{{- define "ml-api.monitoring.slowRatio" -}}
{{- $within := dict "series" "http_request_duration_seconds_bucket" "also" (printf ",le=%q" .seconds) -}}
{{- $all := dict "series" "http_request_duration_seconds_count" "also" "" -}}
1 - {{ include "ml-api.monitoring.rate" (mergeOverwrite dict . $within) }}
/ ({{ include "ml-api.monitoring.rate" (mergeOverwrite dict . $all) }} > 0)
{{- end }}

{{/* A Kubernetes quantity (500m, 512Mi, 1.5) as a number for PromQL; none is Inf, which draws no line. */}}
{{- define "ml-api.monitoring.number" -}}
{{- $factors := dict "m" 0.001 "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $suffix := regexFind "[A-Za-z]*$" . -}}
{{- $digits := trimSuffix $suffix . -}}
{{- if and (regexMatch "^[0-9.]+$" $digits) (hasKey $factors $suffix) -}}
{{- mulf $digits (get $factors $suffix) | toJson -}}
{{- else -}}
Inf
{{- end -}}
{{- end }}

{{/* Milliseconds of a duration that the schema lets through. */}}
{{- define "ml-api.monitoring.milliseconds" -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- mul (trimSuffix $unit . | int) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) $unit) -}}
{{- end -}}

{{- define "ml-api.refuse.monitoring" }}
{{- with .Values.serviceMonitor }}
{{- if and .interval .scrapeTimeout }}
{{- if gt (include "ml-api.monitoring.milliseconds" .scrapeTimeout | int) (include "ml-api.monitoring.milliseconds" .interval | int) }}
- {{ printf "serviceMonitor.scrapeTimeout (%s) is above serviceMonitor.interval (%s), which Prometheus refuses; lower it." .scrapeTimeout .interval }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.prometheusRule }}
{{- if and .enabled .absent (eq (include "ml-api.fewestReplicas" $) "0") }}
- prometheusRule.absent raises an alert whenever no pod runs, and here none may run; switch it off or keep one replica.
{{- end }}
{{- end }}
{{- end }}
