-- execute: cv_rules
-- A published layout does not change: a seat id keeps its meaning. Trigger of stand and seat.
create or replace function app.immutable_layout() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  v_layout int;
begin
  -- Neither the layout it leaves nor the one it comes to.
  select l.id into v_layout from public.layout l
   where l.published_at is not null
     and (tg_op <> 'INSERT' and l.id = old.layout_id or tg_op <> 'DELETE' and l.id = new.layout_id) limit 1;
  if found then
    raise exception 'layout % is published and immutable', v_layout using errcode = '42501';
  end if;
  return coalesce(new, old);
end $$;
