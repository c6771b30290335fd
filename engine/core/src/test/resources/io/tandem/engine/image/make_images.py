"""Makes the small image files of this folder, and beside each, as NAME.rgb.png, what Pillow decodes of it.

    python make_images.py      (needs Pillow; the files here are of Pillow 13.0.0)

Transparency is laid over white and EXIF orientation applied, as the decoder under test does both.
"""
import math, random, struct, zlib
from pathlib import Path
from PIL import Image, ImageOps

HERE = Path(__file__).parent
WIDTH, HEIGHT = 29, 18


def picture():
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.putdata([(x * 255 // WIDTH, y * 255 // HEIGHT, int(127 + 120 * math.sin(x * y / 20)))
                   for y in range(HEIGHT) for x in range(WIDTH)])
    return image


def translucent():
    image = picture().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def noisy():
    """Flat and rough parts, so that all ways of prediction and filtering occur."""
    image = picture().resize((115, 77), Image.Resampling.BICUBIC)
    noise = Image.frombytes("RGB", (60, 77), random.Random(1).randbytes(60 * 77 * 3))
    image.paste(Image.blend(noise, image.crop((0, 0, 60, 77)), 0.6), (20, 10))
    return image


def flatten(image):
    image = ImageOps.exif_transpose(image).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def deep_png(path):
    """16 bits a channel, which Pillow reads but doesn't write."""
    rows = b"".join(b"\0" + struct.pack(f">{WIDTH * 3}H", *[(x * 2000 + y * 700 + c * 99) % 65536 for x in range(WIDTH) for c in range(3)])
                    for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def jpeg_as_ycck(path):
    """Pillow writes CMYK; another number in the Adobe segment makes its components YCCK."""
    data = bytearray(path.read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    path.write_bytes(data)


def main():
    picture().save(HERE / "progressive.jpg", progressive=True, quality=90)
    picture().save(HERE / "subsampled.jpg", quality=80, subsampling=2)
    picture().convert("L").save(HERE / "grey.jpg")
    picture().convert("CMYK").save(HERE / "ycck.jpg", quality=95)
    jpeg_as_ycck(HERE / "ycck.jpg")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture().save(HERE / f"orientation-{orientation}.png", exif=exif)
    picture().save(HERE / "opaque-lossless.webp", lossless=True)
    translucent().save(HERE / "translucent-lossless.webp", lossless=True, exact=True)
    picture().save(HERE / "lossy.webp", quality=90)
    noisy().save(HERE / "noisy-lossy.webp", quality=35, method=6)
    translucent().save(HERE / "translucent-lossy.webp", quality=90, exact=True)
    picture().save(HERE / "animated.webp", save_all=True, append_images=[ImageOps.mirror(picture())], lossless=True)
    translucent().quantize(32).save(HERE / "translucent-palette.png")
    translucent().convert("LA").save(HERE / "translucent-grey.png")
    picture().convert("1").save(HERE / "one-bit.png")
    picture().quantize(4).save(HERE / "two-bit-palette.png")
    picture().save(HERE / "transparent-color.png", transparency=(0, 0, 127))
    picture().convert("L").save(HERE / "transparent-level.png", transparency=80)
    deep_png(HERE / "deep-color.png")
    picture().quantize(64).save(HERE / "palette.gif", transparency=3)
    picture().save(HERE / "animated.gif", save_all=True, append_images=[ImageOps.mirror(picture())])
    for path in sorted(HERE.iterdir()):
        if path.suffix in (".jpg", ".webp", ".gif", ".png") and not path.name.endswith(".rgb.png"):
            flatten(Image.open(path)).save(HERE / (path.name + ".rgb.png"))
    decoded = Image.open(HERE / "noisy-lossy.webp").convert("RGB")
    decoded.resize((60, 60), Image.Resampling.BICUBIC).save(HERE / "noisy-lossy.webp.bicubic.rgb.png")
    decoded.rotate(90, expand=True).resize((60, 60), Image.Resampling.BICUBIC).save(HERE / "noisy-lossy.webp.tall-bicubic.rgb.png")


main()
