package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/open-insignia/insignia/issuer/programme"
	"github.com/open-insignia/insignia/templates/art"
)

// bringPictures reads the pictures that stand beside a programme file, by their digests. Pixels of an SVG are those of the PNG of the same
// name beside it, or of the picture that is drawn where none is brought.
func bringPictures(p *programme.Programme, file string, fonts *art.Fonts) (map[string]string, error) {
	beside, err := os.OpenRoot(filepath.Dir(file)) // nothing outside the folder, through links neither
	if err != nil {
		return nil, err
	}
	defer beside.Close()
	pictures := map[string]string{}
	err = p.ReadPictures(func(name string, of programme.Pictured) (string, error) {
		data, err := readPicture(beside, name)
		if err != nil {
			return "", err
		}
		if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff"))), []byte("<")) {
			pixels, err := pixelsOf(beside, name, of, fonts)
			if err != nil {
				return "", err
			}
			svg, err := art.BroughtSVG(data, of.Title, pixels)
			if err != nil {
				return "", err
			}
			digest := programme.VectorDigest(digestOf(svg))
			pictures[digest] = string(svg)
			return digest, nil
		}
		svg, err := art.Brought(data, of.Title)
		if err != nil {
			return "", err
		}
		digest := digestOf(svg)
		pictures[digest] = string(svg)
		return digest, nil
	})
	return pictures, err
}

func digestOf(svg []byte) string {
	sum := sha256.Sum256(svg)
	return hex.EncodeToString(sum[:])
}

// pixelsOf is the picture that stands for an SVG where pixels are needed.
func pixelsOf(beside *os.Root, name string, of programme.Pictured, fonts *art.Fonts) ([]byte, error) {
	same := strings.TrimSuffix(name, filepath.Ext(name)) + ".png"
	if _, err := beside.Stat(same); errors.Is(err, fs.ErrNotExist) {
		return art.Badge(art.Design{Title: of.Title, Kind: string(of.Kind), Level: of.Level, Issuer: of.Issuer, Code: of.Code, Lang: of.Language, Fonts: fonts}), nil
	}
	data, err := readPicture(beside, same)
	if err == nil {
		data, err = art.Brought(data, of.Title)
	}
	if err != nil {
		return nil, fmt.Errorf("comes with %q, which %w", same, err)
	}
	return data, nil
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
