"""Makes the pictures of this folder, and beside each NAME its values as Pillow reads them: NAME.rgb, bytes R, G, B
row by row. make_pictures.py OUT LINEAR.icc (ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB) of Java); numpy, Pillow.
Values are those of convert("RGB"); with transparency, those of convert("RGBA") laid on white; turned by exif_transpose.
Of 16 bits the upper 8 count, as Pillow does it for RGB, RGBA and LA (it cuts I;16 off at 255, which is not copied)."""
import pathlib, struct, sys, zlib
import numpy as np
from PIL import Image, ImageOps

OUT = pathlib.Path(sys.argv[1])
LINEAR = pathlib.Path(sys.argv[2]).read_bytes()
W, H = 20, 12
y, x = np.mgrid[0:H, 0:W]
RGB = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * 5 + y * 11) % 256], 2).astype(np.uint8)
RGB[2:5, 3:8] = (200, 60, 40)
GRAY = ((x * 13 + y * 7) % 256).astype(np.uint8)
ALPHA = (x * 255 // (W - 1)).astype(np.uint8)

def expect(name, values=None):
    if values is None:
        image = ImageOps.exif_transpose(Image.open(OUT / name))
        if image.has_transparency_data:
            image = Image.alpha_composite(Image.new('RGBA', image.size, 'white'), image.convert('RGBA'))
        values = np.asarray(image.convert('RGB'))
    height, width, _ = values.shape
    (OUT / (name + '.rgb')).write_bytes(struct.pack('>HH', height, width) + values.astype(np.uint8).tobytes())

def save(name, image, **options):
    image.save(OUT / name, **options)
    expect(name)

def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))

def png(name, depth, colour, rows, values, *extra):
    head = struct.pack('>IIBBBBB', W, H, depth, colour, 0, 0, 0)
    data = zlib.compress(b''.join(b'\0' + row.tobytes() for row in rows))
    (OUT / name).write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + b''.join(extra) + chunk(b'IDAT', data) + chunk(b'IEND', b''))
    expect(name, values)

def deep(*planes):
    low = np.random.default_rng(1).integers(0, 256, (H, W, len(planes)))
    return (np.stack(planes, 2).astype(np.uint16) * 256 + low).astype('>u2')

def white(values, alpha):
    image = Image.merge('RGBA', [Image.fromarray(np.ascontiguousarray(p)) for p in (*np.moveaxis(values, 2, 0), alpha)])
    return np.asarray(Image.alpha_composite(Image.new('RGBA', image.size, 'white'), image).convert('RGB'))

rgb, gray = Image.fromarray(RGB), Image.fromarray(GRAY)
rgba, graya = rgb.copy(), Image.merge('LA', [gray, Image.fromarray(ALPHA)])
rgba.putalpha(Image.fromarray(ALPHA))
three = np.repeat(GRAY[:, :, None], 3, 2)
save('gray.png', gray); save('gray-alpha.png', graya); save('bits.png', gray.convert('1'))
save('rgb.png', rgb); save('rgb-alpha.png', rgba); save('rgb-profile.png', rgb, icc_profile=LINEAR)
save('palette.png', rgb.quantize(16)); save('palette-alpha.png', rgba.quantize(16)); save('palette-hole.png', rgb.quantize(16), transparency=3)
save('gray-hole.png', gray, transparency=int(GRAY[4, 4])); save('rgb-hole.png', rgb, transparency=(200, 60, 40))
png('gray16.png', 16, 0, deep(GRAY), three)
png('gray16-alpha.png', 16, 4, deep(GRAY, ALPHA), white(three, ALPHA))
png('rgb16.png', 16, 2, deep(*np.moveaxis(RGB, 2, 0)), RGB)
png('rgb16-alpha.png', 16, 6, deep(*np.moveaxis(RGB, 2, 0), ALPHA), white(RGB, ALPHA))
four = GRAY // 16
png('gray4.png', 4, 0, (four[:, ::2] * 16 + four[:, 1::2]).astype(np.uint8), np.repeat((four * 17)[:, :, None], 3, 2))
png('rgb-gamma.png', 8, 2, RGB, RGB, chunk(b'gAMA', struct.pack('>I', 100000)))
png('gray-gamma.png', 8, 0, GRAY, three, chunk(b'gAMA', struct.pack('>I', 100000)))
save('gray.jpg', gray, quality=90); save('gray-profile.jpg', gray, quality=90, icc_profile=LINEAR)
save('rgb.jpg', rgb, quality=90); save('rgb-444.jpg', rgb, quality=90, subsampling=0); save('rgb-progressive.jpg', rgb, progressive=True)
save('rgb-profile.jpg', rgb, quality=90, icc_profile=LINEAR); save('rgb-stored.jpg', rgb, quality=90, keep_rgb=True)
bare = (OUT / 'rgb-444.jpg').read_bytes(); size = struct.unpack('>H', bare[4:6])[0]
(OUT / 'rgb-bare.jpg').write_bytes(bare[:2] + bare[4 + size:]); expect('rgb-bare.jpg')
turn = Image.Exif(); turn[274] = 8; rgb.save(OUT / 'rgb-camera.jpg', quality=90, subsampling=0, exif=turn); bare = (OUT / 'rgb-camera.jpg').read_bytes()
(OUT / 'rgb-camera.jpg').write_bytes(bare[:2] + bare[4 + struct.unpack('>H', bare[4:6])[0]:]); expect('rgb-camera.jpg')
cmyk = rgb.convert('CMYK'); k = np.asarray(cmyk).copy(); k[..., 3] = GRAY // 2; cmyk = Image.fromarray(k, 'CMYK')
save('cmyk.jpg', cmyk, quality=95); save('cmyk-profile.jpg', cmyk, quality=95, icc_profile=LINEAR)
adobe = (OUT / 'cmyk.jpg').read_bytes(); at = adobe.index(b'Adobe') + 11
(OUT / 'ycck.jpg').write_bytes(adobe[:at] + b'\2' + adobe[at + 1:]); expect('ycck.jpg')
at = adobe.index(b'Adobe') - 4
(OUT / 'cmyk-bare.jpg').write_bytes(adobe[:at] + adobe[at + 16:]); expect('cmyk-bare.jpg')
save('rgb.bmp', rgb); save('gray.bmp', gray); save('palette.bmp', rgb.quantize(16))
save('palette.gif', rgb.quantize(16)); save('palette-hole.gif', rgb.quantize(16), transparency=3); save('gray.gif', gray)
save('rgb.webp', rgb, lossless=True); save('rgb-alpha.webp', rgba, lossless=True, exact=True); save('lossy.webp', gray.resize((64, 48)).convert('RGB'), quality=70)
save('gray.webp', gray, lossless=True); save('rgb-profile.webp', rgb, lossless=True, icc_profile=LINEAR)
for turn in range(1, 9):
    exif = Image.Exif(); exif[274] = turn
    save(f'turned-{turn}.jpg', rgb, quality=90, exif=exif)
exif = Image.Exif(); exif[274] = 6
save('turned.png', rgb, exif=exif); save('turned.webp', rgb, lossless=True, exif=exif)
save('moving.gif', rgb.quantize(16), save_all=True, append_images=[gray.quantize(16), rgb.rotate(180).quantize(16)])
save('moving.webp', rgb, lossless=True, save_all=True, append_images=[gray.convert('RGB'), rgb.rotate(180)])
