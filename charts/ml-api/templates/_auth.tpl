{{/* API keys: the Secret as a file, where service and test pods see it. A folder, as a file of its own would not follow changes. */}}
{{- define "ml-api.auth.env" -}}
{{- if (.Values.auth).existingSecret -}}
- {name: ML_API_API_KEY_FILE, value: /etc/ml-api/auth/api-keys}
{{- end -}}
{{- end -}}

{{- define "ml-api.auth.volume" -}}
{{- with .Values.auth }}
{{- if .existingSecret -}}
- name: auth
  secret:
    secretName: {{ .existingSecret | quote }}
    items: [{key: {{ .key | quote }}, path: api-keys}]
{{- end }}
{{- end }}
{{- end -}}

{{- define "ml-api.auth.volumeMount" -}}
{{- if (.Values.auth).existingSecret -}}
- {name: auth, mountPath: /etc/ml-api/auth, readOnly: true}
{{- end -}}
{{- end -}}

{{- define "ml-api.refuse.auth" }}
{{- with .Values.auth }}
{{- if and .existingSecret ($.Values.serviceMonitor).enabled (not .metricsKey) }}
- serviceMonitor.enabled needs auth.metricsKey where auth.existingSecret is set, or Prometheus would be refused; put one of the API keys under a key of its own into the Secret and name it there.
{{- end }}
{{- if and .metricsKey (not .existingSecret) }}
- auth.metricsKey is a key of the Secret auth.existingSecret; set that, too, or unset it.
{{- end }}
{{- if and .existingSecret (eq .metricsKey .key) }}
- {{ printf "auth.metricsKey and auth.key are both %s, but Prometheus can send one API key only; give it a key of its own in the Secret." .key }}
{{- end }}
{{- end }}
{{- end }}
