package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates/art"
)

// bringPictures reads the pictures that stand beside a programme file, by their digests.
func bringPictures(p *programme.Programme, file string) (map[string]string, error) {
	beside, err := os.OpenRoot(filepath.Dir(file)) // nothing outside the folder, through links neither
	if err != nil {
		return nil, err
	}
	defer beside.Close()
	pictures := map[string]string{}
	err = p.Bring(func(name, title string) (string, error) {
		data, err := readPicture(beside, name)
		if err != nil {
			return "", err
		}
		svg, err := art.Brought(data, title)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(svg)
		digest := hex.EncodeToString(sum[:])
		pictures[digest] = string(svg)
		return digest, nil
	})
	return pictures, err
}

const largestPicture = 16 << 20

func readPicture(folder *os.Root, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("does not exist")
	}
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("is no file")
	}
	data, err := io.ReadAll(io.LimitReader(f, largestPicture+1))
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	return data, nil
}
