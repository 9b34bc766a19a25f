package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"gatehouse/internal/yamlfile"
	"gatehouse/policy"
)

// Document is a part of a JSON Schema, draft 7: the newest that editors of YAML know whole.
type Document struct {
	Version     string               `json:"$schema,omitempty"`
	Title       string               `json:"title,omitempty"`
	Description string               `json:"description,omitempty"`
	Type        any                  `json:"type,omitempty"`
	Enum        []string             `json:"enum,omitempty"`
	AnyOf       []*Document          `json:"anyOf,omitempty"`
	Pattern     string               `json:"pattern,omitempty"`
	Minimum     *float64             `json:"minimum,omitempty"`
	Maximum     *float64             `json:"maximum,omitempty"`
	Items       *Document            `json:"items,omitempty"`
	MinItems    int                  `json:"minItems,omitempty"`
	UniqueItems bool                 `json:"uniqueItems,omitempty"`
	Required    []string             `json:"required,omitempty"`
	Properties  map[string]*Document `json:"properties,omitempty"`
	// Others is false where no other keys are allowed, or what stands under keys of the tenant's own.
	Others any `json:"additionalProperties,omitempty"`
}

const draft7 = "http://json-schema.org/draft-07/schema#"

// File is one schema of the repository.
type File struct {
	// Path is where it is kept, from the root of the repository.
	Path string
	Data []byte
}

// Files makes every schema. root is the repository, whose documentation says what the keys mean.
func Files(root string) ([]File, error) {
	rules, err := policy.FileShape()
	if err != nil {
		return nil, err
	}
	var files []File
	for _, f := range []struct {
		name, page string
		shape      *yamlfile.Shape
		dialect    dialect
	}{
		{"policy", "policy.md", rules, strict{}},
		{"gatehouse", "configuration.md", settings(), lenient{}},
	} {
		page, err := os.ReadFile(filepath.Join(root, "docs", f.page))
		if err != nil {
			return nil, fmt.Errorf("read what the keys of %s.yaml mean: %w", f.name, err)
		}
		words, err := describe(string(page), f.shape)
		if err != nil {
			return nil, fmt.Errorf("docs/%s: %w", f.page, err)
		}
		doc := build(f.shape, words, f.dialect)
		doc.Version, doc.Title = draft7, f.name+".yaml"
		doc.Description = "Made by `make schema` from the code and docs/" + f.page + ". Do not edit."
		data, err := encode(doc)
		if err != nil {
			return nil, fmt.Errorf("write the schema of %s.yaml: %w", f.name, err)
		}
		files = append(files, File{Path: filepath.Join("docs", "schema", f.name+".json"), Data: data})
	}
	return files, nil
}

func encode(doc *Document) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
