"""A tour of the lake, for marimo. This is your own copy: change what you like."""

import marimo

app = marimo.App(width="medium", app_title="Tunelake: a tour")


@app.cell
def start():
    import altair as alt
    import marimo as mo

    import tunelake

    lake = tunelake.open()
    mo.md("# A tour of your lake\n\nTables come as Arrow, so pandas and Polars take them.")
    return alt, lake, mo


@app.cell
def tables(lake, mo):
    rows = [{"table": name, "rows": count} for name, count in sorted(lake.counts().items())]
    mo.ui.table(rows, selection=None)
    return


@app.cell
def most_followed(alt, lake, mo):
    followed = lake.sql(
        "select name, followers, popularity from artist_profile order by followers desc nulls last limit 20"
    )
    bars = alt.Chart(alt.Data(values=followed.to_pylist())).mark_bar()
    shown = bars.encode(x="followers:Q", y=alt.Y("name:N", sort="-x", title=None), tooltip=["popularity:Q"])
    mo.vstack([mo.md("## Most followed"), shown])
    return


@app.cell
def choose(lake, mo):
    names = lake.sql("select name from artist_profile order by popularity desc nulls last, name")
    listed = list(dict.fromkeys(names.column("name").to_pylist()))
    choice = mo.ui.dropdown(listed, value=listed[0] if listed else None, label="Artist", searchable=True)
    choice
    return (choice,)


@app.cell
def similar(choice, lake, mo):
    near = lake.sql(f"""
        select b.name as similar, s.score, s.reasons
        from similar_artists s
        join artist_profile a on a.entity_id = s.entity_id
        join artist_profile b on b.entity_id = s.other_entity_id
        where a.name = '{(choice.value or "").replace("'", "''")}'
        order by s.score desc
    """)
    mo.vstack([mo.md(f"## Similar to {choice.value}"), mo.ui.table(near.to_pylist(), selection=None)])
    return


if __name__ == "__main__":
    app.run()
