package ob2

import "encoding/json"

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// one opens a list of one.
func one(v any) any {
	if values, isList := v.([]any); isList && len(values) == 1 {
		return values[0]
	}
	return v
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) []string {
	var all []string
	for _, value := range list(v) {
		if s, isText := value.(string); isText {
			all = append(all, s)
		}
	}
	return all
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func number(v any) (json.Number, bool) {
	n, isNumber := v.(json.Number)
	return n, isNumber
}
