package salesforce

import (
	"net/http"
	"strings"

	"gatehouse/sandbox/tenant"
)

// summary is an object as the list of all objects shows it.
func summary(r *request, o *object) map[string]any {
	at := "/services/data/" + r.version + "/sobjects/" + o.name
	return map[string]any{
		"name": o.name, "label": o.label, "keyPrefix": o.prefix, "custom": false, "queryable": true, "retrieveable": true,
		"createable": o.create, "updateable": o.update, "deletable": o.del,
		"urls": map[string]string{"sobject": at, "describe": at + "/describe", "rowTemplate": at + "/{ID}"},
	}
}

func (s *Salesforce) describeAll(r *request) tenant.Reply {
	var out []any
	for _, o := range objects() {
		if s.exists(r.who, &o) {
			out = append(out, summary(r, &o))
		}
	}
	return tenant.JSON(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": out})
}

// describe shows the fields of an object, as far as anybody sees them.
func (s *Salesforce) describe(r *request) tenant.Reply {
	t, wrong := s.table(r, 1)
	if wrong != nil {
		return wrong.reply()
	}
	out := summary(r, t.object)
	fields := []any{}
	for i := range t.object.fields {
		f := &t.object.fields[i]
		if !s.shown(t.object, f) {
			continue
		}
		to := []string{}
		var over any
		if f.to != "" {
			to = append(to, f.to)
		}
		if f.relation != "" {
			over = f.relation
		}
		fields = append(fields, map[string]any{
			"name": f.name, "label": f.name, "type": f.kind, "length": f.length, "createable": f.create, "updateable": f.update,
			"nillable": !f.required, "externalId": f.external, "unique": f.unique && (f.name != ExternalID || !s.settings.LooseIDs),
			"custom": strings.HasSuffix(f.name, "__c"), "referenceTo": to, "relationshipName": over, "picklistValues": []any{},
		})
	}
	out["fields"] = fields
	return tenant.JSON(http.StatusOK, out)
}
