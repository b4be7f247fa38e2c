"""Solvers of the bank "Fractions and ratios": each works from the shown words and numbers alone."""

import operator
import re
from fractions import Fraction
from itertools import count
from math import floor, prod

from tests.content.solver import (
    Question,
    Solution,
    Solvers,
    Test,
    claims,
    evaluate,
    names_the_most,
    numbers,
)

SOLVERS = Solvers()
solves = SOLVERS.solves


@solves(
    "like-pizza-together",
    "like-mixed-sum",
    "like-fence",
    "like-jugs",
    "add-third-and-quarter",
    "add-three-quarters-and-sixth",
    "add-mixed-unlike",
    "add-unlike",
    "add-one-bottom-fits",
    "story-hike",
    "story-paint",
)
def the_sum(question: Question) -> Solution:
    first, second = question.numbers
    return first + second


@solves(
    "like-ribbon-left",
    "like-rope-opened",
    "add-take-half-away",
    "add-take-mixed-away",
    "add-difference",
    "story-flour-left",
    "story-plank",
)
def what_is_left(question: Question) -> Solution:
    start, *taken = question.numbers
    return start - sum(taken)


@solves("story-ribbons")
def how_much_longer(question: Question) -> Solution:
    return question.after("A red ribbon is") - question.after("A blue ribbon is")


@solves("like-tank-left", "story-book", "story-field-left")
def rest_of_the_whole(question: Question) -> Solution:
    return 1 - sum(question.numbers, Fraction(0))


@solves(
    "times-milk-for-cakes",
    "times-laps",
    "times-dog-food",
    "times-walks",
    "times-planks",
    "times-bottles",
    "product-half-of",
    "product-herb-bed",
    "product-three-fifths",
    "product-rug",
    "product-part-of",
    "product-area",
    "product-choose",
    "scale-photo",
    "scale-drawing",
    "real-half-recipe",
    "real-big-bottle",
    "real-field-area",
    "real-school-walk",
    "real-recipe",
    "real-part-of-group",
    "real-path",
)
def the_product(question: Question) -> Solution:
    return prod(question.numbers, start=Fraction(1))


@solves(
    "times-unit-fraction",
    "share-ribbon-pieces",
    "share-equally",
    "share-mixed-number",
    "share-how-many-friends",
    "share-find-people",
    "unit-bar-shared",
    "unit-paint-cups",
    "unit-missing-divisor",
    "unit-share",
    "unit-halve",
    "unit-count-pieces",
    "divide-yogurt",
    "divide-park-width",
    "divide-two-thirds",
    "divide-servings",
    "divide-width",
    "divide-as-times",
    "ratio-smaller-numbers",
)
def first_by_second(question: Question) -> Solution:
    first, second = question.numbers
    return first / second


@solves("share-pizzas", "scale-plant", "scale-how-many-times", "unit-scoops", "unit-fill")
def second_by_first(question: Question) -> Solution:
    first, second = question.numbers
    return second / first


# 4.NF.A.1 and 4.NF.A.2


@solves("equal-pizza-half", "equal-choose", "like-mixed-name", "share-which-division")
def the_value_itself(question: Question) -> Solution:
    return question.numbers[-1]


@solves("equal-ribbon-top", "equal-top")
def missing_top(question: Question) -> Solution:
    share, parts = question.numbers
    return share * parts


@solves("equal-bottom-ink")
def missing_bottom(question: Question) -> Solution:
    share, top = question.numbers
    return top / share


@solves("equal-bottom")
def beds_of_the_second_garden(question: Question) -> Solution:
    beds, planted, planted_there = question.numbers
    return planted_there / (planted / beds)


@solves("equal-beans-simplest", "equal-simplest")
def part_of_all(question: Question) -> Solution:
    whole, part = question.numbers
    return part / whole


@solves("equal-run-in-twelfths")
def over_a_given_bottom(question: Question) -> Solution:
    share, bottom = question.numbers
    return f"{share * bottom}/{bottom}"


@solves("compare-pizza-same-top")
def who_ate_more(question: Question) -> Solution:
    return names_the_most({name: question.after(f"{name} ate") for name in ("Leo", "Ben")})


@solves("compare-same-top")
def who_ran_farther(question: Question) -> Solution:
    farthest = max(question.after("Kim has run"), question.after("Sam has run"))
    return lambda option: numbers(option) == [farthest]


@solves("compare-buckets")
def fuller_bucket(question: Question) -> Solution:
    return names_the_most({colour: question.after(f"The {colour} bucket is") for colour in ("red", "blue")})


@solves("compare-sign")
def sign_between(question: Question) -> Solution:
    first, second = question.numbers
    signs = {"$<$": operator.lt, "$=$": operator.eq, "$>$": operator.gt}
    return lambda option: bool(signs[option](first, second))


@solves("compare-greatest-top", "compare-top")
def greatest_top_below(question: Question) -> Solution:
    bottom, limit = question.numbers
    return Fraction(max(top for top in range(int(bottom)) if top / bottom < limit))


@solves("compare-jugs-near-half", "compare-larger")
def the_larger(question: Question) -> Solution:
    return max(question.numbers)


@solves("compare-to-half", "scale-less-than")
def option_below(question: Question) -> Solution:
    (limit,) = question.numbers
    return lambda option: evaluate(option) < limit


# 4.NF.B.3 and 4.NF.B.4


@solves("like-count-eighths")
def eighths_in(question: Question) -> Solution:
    (value,) = question.numbers
    return value / Fraction(1, 8)


@solves("times-between", "scale-six")
def where_the_product_lies(question: Question) -> Solution:
    first, second = question.numbers
    return claims(first * second)


@solves("times-small-steps")
def steps_in_a_product(question: Question) -> Solution:
    first, second, step = question.numbers
    return first * second / step


# 5.NF.A.1 and 5.NF.A.2


@solves("add-smallest-common", "add-common-bottom")
def smallest_common_bottom(question: Question) -> Solution:
    first, second = question.numbers
    fits = (bottom for bottom in count(1) if (first * bottom).denominator == (second * bottom).denominator == 1)
    return Fraction(next(fits))


@solves("story-guess-first")
def where_the_sum_lies(question: Question) -> Solution:
    first, second = question.numbers
    return claims(first + second)


@solves("story-nearest-whole", "story-near-whole")
def nearest_to_the_sum(question: Question) -> Solution:
    total = sum(question.numbers, Fraction(0))
    return question.best(lambda option: -abs(evaluate(option) - total))


# 5.NF.B.3 to 5.NF.B.6


@solves("share-rice")
def where_the_share_lies(question: Question) -> Solution:
    people, amount = question.numbers
    return claims(amount / people)


@solves("share-whole-part", "divide-whole-bags", "divide-full-jars")
def whole_ones_only(question: Question) -> Solution:
    amount, by = question.numbers
    return Fraction(floor(amount / by))


@solves("product-tiles")
def tiles_on_a_square(question: Question) -> Solution:
    length, width = question.numbers
    return (1 / length) * (1 / width)


@solves("product-stripes-and-dots")
def boxes_with_both(question: Question) -> Solution:
    columns, rows, striped, dotted = map(int, question.numbers)
    boxes = [(column, row) for column in range(columns) for row in range(rows)]
    both = [box for box in boxes if box[0] < striped and box[1] < dotted]
    return Fraction(len(both), len(boxes))


@solves("scale-ropes")
def longest_rope(question: Question) -> Solution:
    start = question.after("Rope R is")
    others = {f"Rope {name}": start * question.after(f"Rope {name} is") for name in "ABC"}
    return names_the_most({"Rope R": start} | others)


@solves("scale-true-sentence")
def true_sentence(question: Question) -> Solution:
    def holds(option: str) -> bool:
        left, sign, right = re.split("([<>])", option)
        compare = operator.lt if sign == "<" else operator.gt
        return bool(compare(evaluate(left), evaluate(right)))

    return holds


@solves("real-pie-left", "real-bread-left")
def part_of_a_part_left(question: Question) -> Solution:
    had, given = question.numbers
    return had - had * given


# 5.NF.B.7 and 6.NS.A.1


@solves("unit-trail-signs")
def signs_on_a_trail(question: Question) -> Solution:
    length, step = question.numbers
    return Fraction(sum(1 for sign in range(1, 1000) if sign * step <= length))


@solves("divide-ribbon-parts")
def times_it_fits(question: Question) -> Solution:
    return question.after("A ribbon is") / question.after("One bow takes")


# 6.RP.A.1 and 6.RP.A.2


@solves("ratio-cats-to-all")
def part_to_all(question: Question) -> Solution:
    cats, dogs = question.numbers
    return cats / (cats + dogs)


@solves("ratio-red-beads", "ratio-to-fraction")
def fraction_from_a_ratio(question: Question) -> Solution:
    first, second = question.numbers
    return first / (first + second)


@solves("ratio-for-every-fruit", "ratio-for-every")
def second_for_so_many(question: Question) -> Solution:
    first, second, asked = question.numbers
    return second * asked / first


@solves("ratio-share-out")
def share_of_the_first(question: Question) -> Solution:
    total, first, second = question.numbers
    return total * first / (first + second)


@solves("rate-per-one", "rate-flour-per-sugar", "rate-rope-machine", "rate-as-fraction")
def first_for_one_of_the_second(question: Question) -> Solution:
    first, second, one = question.numbers
    assert one == 1
    return first / second


@solves("rate-pots-of-soil")
def second_for_one_of_the_first(question: Question) -> Solution:
    first, second, one = question.numbers
    assert one == 1
    return second / first


@solves("rate-name-it")
def price_of_one(question: Question) -> Solution:
    things, dollars = question.numbers
    return lambda option: bool(
        re.fullmatch(r"\d+ dollars per (ticket|game)", option) and evaluate(option) == dollars / things
    )


def _two_numbers(pattern: str, wanted: Fraction) -> Test:
    """Accept the option with two numbers in these words, the first over the second as wanted."""

    def holds(option: str) -> bool:
        found = re.fullmatch(pattern, option)
        assert found, option
        return Fraction(int(found[1]), int(found[2])) == wanted

    return holds


@solves("rate-which-is-same")
def same_speed(question: Question) -> Solution:
    km, hours = question.numbers
    return _two_numbers(r"(\d+) km in (\d+) hours", km / hours)


# 6.RP.A.3a and 6.RP.A.3b


@solves("table-next-column", "table-odd-step")
def gap_in_a_table(question: Question) -> Solution:
    holed, full = sorted(question.rows(), key=lambda row: "?" not in row)
    gap = holed.index("?")
    return Fraction(full[gap]) * Fraction(holed[0]) / Fraction(full[0])


@solves("table-which-pair")
def same_garden(question: Question) -> Solution:
    tulips, roses = question.numbers
    return _two_numbers(r"(\d+) tulips and (\d+) roses", tulips / roses)


@solves("table-stronger")
def mix_with_more_syrup(question: Question) -> Solution:
    syrup, water, other_syrup, other_water = question.numbers
    return names_the_most({f"with {syrup} cups": syrup / water, f"with {other_syrup} cups": other_syrup / other_water})


@solves("pace-train")
def way_in_so_many_hours(question: Question) -> Solution:
    km, hours, asked = question.numbers
    return km / hours * asked


@solves("pace-price", "pace-pump", "pace-time")
def amount_for_so_many(question: Question) -> Solution:
    things, amount, asked = question.numbers
    return amount / things * asked


@solves("pace-fuel-cost")
def fuel_cost(question: Question) -> Solution:
    litres, per_km, price, km = question.numbers
    return litres / per_km * km * price


@solves("pace-best-buy")
def lowest_price(question: Question) -> Solution:
    def cheapness(option: str) -> Fraction:
        things, cents = numbers(option)
        return -cents / things

    return question.best(cheapness)


@solves("rate-tap")
def so_many_in_each(question: Question) -> Solution:
    litres, minutes = question.numbers
    return f"t * {litres / minutes}"


@solves("pace-apples")
def one_of_each(question: Question) -> Solution:
    return f"{sum(question.numbers)} n"


@solves("ratio-club-girls")
def way_around(question: Question) -> Solution:
    long, short = (question.after(words) for words in ("long side is", "short side"))
    return f"{2 * (long + short)}k"


@solves("table-lemonade-equation")
def what_a_table_says(question: Question) -> Solution:
    given, gained = question.rows()
    return f"y = {Fraction(gained[-1]) / Fraction(given[-1])} x"


@solves("table-beads-equation")
def how_two_rows_belong(question: Question) -> Solution:
    red, blue = question.rows()
    return f"{red[-1]}b = {blue[-1]}r"


@solves("pace-bus")
def way_at_a_speed(question: Question) -> Solution:
    [speed] = question.numbers
    return f"d / {speed} = t"
