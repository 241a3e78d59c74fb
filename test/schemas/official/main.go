// official judges documents by the schemas of runtime-spec, with the library that runtime-spec's own tests use.
//
//	official FOLDER-OF-SCHEMAS < lines of {"schema": "config", "text": "…"}
//
// It answers each line with one: a JSON array of the places that the schema refuses, empty for a good document.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/xeipuuv/gojsonschema"
)

type document struct {
	Schema string `json:"schema"`
	Text   string `json:"text"`
}

func main() {
	if err := judge(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(folder string) error {
	schemas := map[string]*gojsonschema.Schema{}
	for _, name := range []string{"config", "features", "state"} {
		schema, err := gojsonschema.NewSchema(gojsonschema.NewReferenceLoader("file://" + folder + "/" + name + "-schema.json"))
		if err != nil {
			return err
		}
		schemas[name] = schema
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var doc document
		if err := json.Unmarshal(lines.Bytes(), &doc); err != nil {
			return err
		}
		places, err := refused(schemas[doc.Schema], doc.Text)
		if err != nil {
			return err
		}
		answer, err := json.Marshal(places)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n", answer)
	}
	return lines.Err()
}

func refused(schema *gojsonschema.Schema, text string) ([]string, error) {
	// the loader alone would not see what follows the first value
	if !json.Valid([]byte(text)) {
		return []string{"not JSON"}, nil
	}
	result, err := schema.Validate(gojsonschema.NewStringLoader(text))
	if err != nil {
		return nil, err
	}
	places := []string{}
	for _, problem := range result.Errors() {
		places = append(places, strings.TrimPrefix(problem.Context().String("/"), "(root)"))
	}
	return places, nil
}
