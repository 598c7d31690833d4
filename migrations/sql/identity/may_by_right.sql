-- execute: cv_rules
-- {right: "{stadiums}"} of {stadium: [roles]}: what app.grounds() reads, an array's text for each right.
create or replace function app.may_by_right(p_roles jsonb) returns jsonb
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  return (select jsonb_object_agg(x.may, x.stadiums::text)
            from (select m.may, array_agg(distinct held.stadium::int) as stadiums
                    from jsonb_each(p_roles) held (stadium, roles)
                    cross join jsonb_array_elements_text(held.roles) r (role)
                    cross join jsonb_array_elements_text(app.role_rights() -> r.role) m (may)
                   group by m.may) x);
end $$;
