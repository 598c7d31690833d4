"""The picture of a ticket's code, drawn by hand of ours: to the module what the package draws."""

import random

import pytest
import qrcode

import qr_codes


def by_the_package(text):
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return ["".join("1" if dark else "0" for dark in row) for row in code.get_matrix()]


@pytest.mark.parametrize("length", [150, 122, 123, 124, 153, 154, 155, 30])
def test_a_code_is_drawn_as_the_package_draws_it(length):
    chance = random.Random(length)
    for _ in range(40 if length == 150 else 3):
        text = "CV1:" + "".join(chance.choices(qr_codes.ALPHABET, k=length - 4))
        assert qr_codes.rows(text) == by_the_package(text)


@pytest.mark.parametrize("text", ["A:" * 75, "CC" * 75, "1" * 150, "https://cricverse.example/gate?key=abc" * 4])
def test_what_is_uniform_or_no_code_of_ours_is_drawn_alike(text):
    assert qr_codes.rows(text) == by_the_package(text)


def test_the_path_and_the_picture_show_the_same_modules():
    text = "CV1:" + "".join(random.Random(5).choices(qr_codes.ALPHABET, k=146))
    size, path = qr_codes.svg_path(text)
    drawn = [["0"] * size for _ in range(size)]
    for run in path.split("z")[:-1]:
        at, _, more = run.removeprefix("M").partition("h")
        x, y = map(int, at.split())
        for i in range(int(more.partition("v")[0])):
            drawn[y][x + i] = "1"
    assert ["".join(row) for row in drawn] == qr_codes.rows(text)
