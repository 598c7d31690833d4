-- execute: cv_app, cv_rules
-- The form that number plates are compared by: Unicode's compatible form in small letters, figures of every script as 0
-- to 9, without blanks, dashes, dots and joiners.
create or replace function app.plate_key(p_plate text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(string_agg(coalesce((ascii(c.letter) - z.zero)::text, c.letter), '' order by c.n), '')
    from regexp_split_to_table(
           regexp_replace(normalize(lower(normalize(p_plate, NFKC)), NFKC),
                          '[\s\u002d\u002e\u00b7\u200c\u200d\u2010-\u2015\u2022]', '', 'g'), '')
         with ordinality c(letter, n)
    left join unnest(array[ -- where the figures of a script begin
                 48, 1632, 1776, 1984, 2406, 2534, 2662, 2790, 2918, 3046, 3174, 3302,
                 3430, 3558, 3664, 3792, 3872, 4160, 4240, 6112, 6160, 6470, 6608, 6784,
                 6800, 6992, 7088, 7232, 7248, 42528, 43216, 43264, 43472, 43504, 43600,
                 44016, 65296, 66720, 68912, 69734, 69872, 69942, 70096, 70384, 70736,
                 70864, 71248, 71360, 71472, 71904, 72016, 72784, 73040, 73120, 92768,
                 92864, 93008, 120782, 120792, 120802, 120812, 120822, 123200, 123632,
                 125264, 130032]) z(zero)
      on c.letter <> '' and ascii(c.letter) between z.zero and z.zero + 9
$$;
