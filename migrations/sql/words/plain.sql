-- execute: cv_app, cv_rules
-- Words as they are compared where people search: small letters, no accents or apostrophes, one blank between them. The
-- same as plain() in outside/folding.py, from which the classes of characters are. (A replace() or regexp_replace()
-- that finds little takes a tenth of the time of a translate().)
create or replace function app.plain(p_text text) returns text
language sql immutable parallel safe
  return case when octet_length(p_text) = length(p_text)
              then btrim(regexp_replace(replace(replace(lower(p_text), '''', ''), '`', ''), '[^a-z0-9]+', ' ', 'g'))
              else btrim(regexp_replace(
                replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
                  lower(regexp_replace(
                    normalize(
                      regexp_replace(
                        p_text, '[''\u2018\u2019\u201b\u2032\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\uff07]',
                        '', 'g'), NFKD),
                    '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a'
                    '\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u0b3c'
                    '\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u3099\u309a'
                    '\u00ad\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]', '', 'g')),
                  U&'\00df', 'ss'), U&'\00e6', 'ae'), U&'\0153', 'oe'), U&'\00fe', 'th'), U&'\00f8', 'o'),
                  U&'\0142', 'l'), U&'\0111', 'd'), U&'\00f0', 'd'), U&'\0127', 'h'), U&'\0167', 't'),
                  U&'\0131', 'i'), U&'\03c2', U&'\03c3'),
                '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02c2-\u02df\u0589\u058a\u05be'
                '\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u0df4\u1680\u2000-\u206f\u2e00-\u2e7f'
                '\u3000-\u303f\u30fb]+',
                ' ', 'g')) end;
