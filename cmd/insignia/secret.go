package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret is the configured secret, or that of the file beside the SQLite database, which is made when
// absent if it may be: an installation that exists never gets another one. Two processes that start at once agree on one file.
func (c *databaseConfig) secret(mayMake bool) ([]byte, error) {
	if c.Secret != "" {
		return []byte(c.Secret), nil
	}
	file := filepath.Join(filepath.Dir(c.Database), "insignia.secret")
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && mayMake {
		if err := makeSecret(file); err != nil {
			return nil, fmt.Errorf("make %s: %w", file, err)
		}
		data, err = os.ReadFile(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing, and what %s keeps is sealed with it: bring it back from where it was kept, or set INSIGNIA_SECRET", file, c.Database)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	secret := strings.TrimSpace(string(data))
	if len(secret) < 16 {
		return nil, fmt.Errorf("%s holds no secret of at least 16 characters", file)
	}
	return []byte(secret), nil
}

// makeSecret writes a whole file under another name and links it into place, which only one of
// several processes can do: nobody ever reads half a secret.
func makeSecret(file string) error {
	part, err := os.CreateTemp(filepath.Dir(file), ".insignia.secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name())
	if _, err := fmt.Fprintln(part, rand.Text()+rand.Text()); err != nil {
		return err
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil {
		return err
	}
	if err := os.Link(part.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
