-- Eight clubs, their players and the officials. All of them are invented.

insert into team (slug, name, short_name, colour_1, colour_2, cap_pattern, home_stadium_id, about)
select c.slug, c.name, c.short_name, c.colour_1, c.colour_2, c.cap_pattern, s.id, c.about
  from (values
    ('harbour-terns', 'Harbour Terns', 'Terns', '#10524f', '#f2efe2', 1, 'lanternside-oval',
     'The older of Sydney''s two clubs, founded by ferry hands in 1878. They chase well, and their supporters sing louder the worse it stands.'),
    ('bayside-lamplighters', 'Bayside Lamplighters', 'Lamplighters', '#5b2a86', '#f0b323', 1, 'lanternside-oval',
     'Named for the men who lit the towers of Lanternside Oval, which they share with the Terns. Drums before every home match.'),
    ('derwent-larks', 'Derwent Larks', 'Larks', '#8c1d2c', '#e8d9b5', 5, 'hopyard-ground',
     'Hobart''s club plays early, in every sense: matches among the hop kilns begin before the wind gets up.'),
    ('moreton-kites', 'Moreton Kites', 'Kites', '#e0912b', '#3a2418', 3, 'ironbark-stadium',
     'Brisbane''s club plays before the largest crowds of the season and has never lost a super over at home.'),
    ('torrens-herons', 'Torrens Herons', 'Herons', '#5a7fb5', '#16294a', 2, 'reedbed-oval',
     'Adelaide''s club is known for patience, spin and long afternoons beside the river.'),
    ('swan-avocets', 'Swan Avocets', 'Avocets', '#f5f5f5', '#101010', 3, 'salt-pan-ground',
     'Perth''s club raises fast bowlers: the pitch at the Salt Pan asks for nothing else.'),
    ('waitemata-keas', 'Waitemata Keas', 'Keas', '#3d6b1f', '#d6541b', 4, 'tidewall-park',
     'Auckland''s club has a taste for risk. The record at Tidewall Park is eleven sixes into the water in one innings.'),
    ('capital-kestrels', 'Capital Kestrels', 'Kestrels', '#2b4a9b', '#c9d2dc', 5, 'moor-lane',
     'Wellington''s club trains in the wind and fields better than anybody. Moor Lane has been home since 1887.')
  ) c (slug, name, short_name, colour_1, colour_2, cap_pattern, home, about)
  left join stadium s on s.slug = c.home;

-- Sixteen players a club. First and family names are combined so that no name comes twice.
with names as (
  select string_to_array('Aidan,Arun,Bilal,Caleb,Cormac,Dinesh,Elias,Farid,Gethin,Hamish,Ishan,Jonas,Kasun,Leith,Mahela,Niall,'
                         'Omri,Pramod,Quentin,Rohit,Sandeep,Tobias,Umesh,Viktor,Wiremu,Xavier,Yasir,Zane,Anton,Baxter,Callum,Dev', ',') as first,
         string_to_array('Abeyratne,Barraclough,Carrow,Dhillon,Ellery,Fernando,Garside,Hollis,Iyengar,Jessop,Kerrigan,Lomax,Mistry,Nakata,'
                         'Oyelaran,Pethick,Quayle,Rangi,Sorley,Thackray,Uppal,Varley,Whitlam,Yardley,Zoysa,Ashcombe,Bhandari,Corless,Dunmore', ',') as last)
insert into player (team_id, name, role, shirt)
select t.id, names.first[1 + (p.k * 7 + t.n * 3) % 32] || ' ' || names.last[1 + (p.k + t.n * 16) % 29],
       case when p.n in (1, 2, 3, 4, 5, 12) then 'batter' when p.n in (6, 8, 13) then 'all-rounder'
            when p.n in (7, 14) then 'wicket-keeper' else 'bowler' end,
       1 + (p.n * 37 + t.n * 11) % 99
  from (select id, (row_number() over (order by slug) - 1)::int as n from team
         where slug in ('harbour-terns', 'bayside-lamplighters', 'derwent-larks', 'moreton-kites', 'torrens-herons',
                        'swan-avocets', 'waitemata-keas', 'capital-kestrels')) t
  cross join names
  cross join lateral (select n, t.n * 16 + n as k from generate_series(1, 16) n) p
 order by t.n, p.n;

insert into official (name)
select unnest(array['Marian Holt', 'Deepak Sethi', 'Ruth Ngata', 'Gareth Pell', 'Sunil Abeysekera', 'Hester Vance',
              'Joan Pickersgill', 'Tariq Aziz-Lowe', 'Ellen Strand', 'Piet Maree']);
