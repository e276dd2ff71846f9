package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// The files in deploy/ are tried as far as that needs neither Docker nor systemd: the server takes their settings.

func TestConfigurationOfService(t *testing.T) {
	unit := string(mustRead(t, filepath.Join(repository, "deploy/insignia.service")))
	if !strings.Contains(unit, "\nExecStart=/usr/local/bin/insignia serve\n") || !strings.Contains(unit, "\nEnvironmentFile=/etc/insignia/insignia.env\n") {
		t.Error("the service does not start the server with the settings beside it")
	}
	stop, err := strconv.Atoi(regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindStringSubmatch(unit)[1])
	if err != nil || float64(stop) <= stopPatience.Seconds() {
		t.Errorf("got TimeoutStopSec %d, %v, want more than the server's own patience of %v", stop, err, stopPatience)
	}
	takes(t, envFile(t, "insignia.env"))
}

func TestConfigurationOfCompose(t *testing.T) {
	var file struct {
		Services map[string]struct {
			Environment map[string]string
			Volumes     []string
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal(mustRead(t, filepath.Join(repository, "deploy/compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	given := envFile(t, "compose.env")
	for name, value := range given {
		if value == "" { // to be filled in
			given[name] = "0123456789abcdef0123456789abcdef"
		}
	}
	reference := regexp.MustCompile(`\$\{(\w+)(?::[-?][^}]*)?\}`)
	for service, s := range file.Services {
		for _, volume := range s.Volumes {
			name, _, _ := strings.Cut(volume, ":")
			if _, declared := file.Volumes[name]; !declared {
				t.Errorf("%s has a volume %s that is not declared", service, name)
			}
		}
		for name, value := range s.Environment {
			s.Environment[name] = reference.ReplaceAllStringFunc(value, func(text string) string {
				value, found := given[reference.FindStringSubmatch(text)[1]]
				if !found {
					t.Errorf("%s is not in compose.env", text)
				}
				return value
			})
		}
	}
	settings := file.Services["insignia"].Environment
	for name, value := range imageSettings(t) {
		if _, changed := settings[name]; !changed {
			settings[name] = value
		}
	}
	takes(t, settings)
}

// imageSettings are those of the container image.
func imageSettings(t *testing.T) map[string]string {
	t.Helper()
	settings := map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^ENV (.+)$`).FindAllStringSubmatch(string(mustRead(t, filepath.Join(repository, "Dockerfile"))), -1) {
		for _, pair := range strings.Fields(line[1]) {
			name, value, _ := strings.Cut(pair, "=")
			settings[name] = value
		}
	}
	return settings
}

// envFile reads a file of settings as systemd and Docker do.
func envFile(t *testing.T, name string) map[string]string {
	t.Helper()
	settings := map[string]string{}
	for line := range strings.Lines(string(mustRead(t, filepath.Join(repository, "deploy", name)))) {
		if key, value, found := strings.Cut(strings.TrimSpace(line), "="); found && !strings.HasPrefix(key, "#") {
			settings[key] = strings.Trim(value, `"`)
		}
	}
	return settings
}

// takes starts the server as far as to its settings.
func takes(t *testing.T, settings map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "INSIGNIA_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, value := range settings {
		t.Setenv(name, value)
	}
	var c commands
	parser, err := kong.New(&c, kong.Name("insignia"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse([]string{"serve"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Serve.check(); err != nil {
		t.Error(err)
	}
}

// TestConfigurationOfProxies: what people may send gets through.
func TestConfigurationOfProxies(t *testing.T) {
	for file, pattern := range map[string]string{"nginx.conf": `client_max_body_size (\d+)m;`, "Caddyfile": `max_size (\d+)MB`} {
		found := regexp.MustCompile(pattern).FindStringSubmatch(string(mustRead(t, filepath.Join(repository, "deploy", file))))
		if found == nil {
			t.Errorf("%s does not say how large a body may be", file)
			continue
		}
		if most, _ := strconv.Atoi(found[1]); most < 9 { // 8 MiB of a badge, and the form around it
			t.Errorf("%s lets bodies of %d MB through, want 9", file, most)
		}
	}
}
