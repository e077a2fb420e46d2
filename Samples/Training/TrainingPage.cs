using System.Net;

namespace MomentumCore.Samples;

/// <summary>The page that ties the pictures of a training together.</summary>
internal static class TrainingPage
{
    /// <summary>An HTML document that refers to the pictures beside it.</summary>
    public static string ToHtml(
        TrainingSettings settings, IReadOnlyList<EpochResult> history, MemoryComparison memory, int parameters,
        int misread)
    {
        var last = history[^1];
        string rows = string.Concat(memory.Rows.Select(r => $"""
            <tr><td>{r.Depth}</td><td>{Quantity.Bytes(r.Store.PeakTensorBytes)}</td>
            <td>{Quantity.Bytes(r.Recompute.PeakTensorBytes)}</td><td>{Quantity.Number(r.MemoryRatio)} ×</td>
            <td>{Quantity.Milliseconds(r.Store.MedianMs)}</td>
            <td>{Quantity.Milliseconds(r.Recompute.MedianMs)}</td><td>{Quantity.Number(r.TimeRatio)} ×</td></tr>

            """));
        string time = Quantity.Time(TimeSpan.FromSeconds(history.Sum(e => e.Seconds)));
        string heading = $"{Quantity.Percent(last.TestAccuracy)} of the test digits read correctly";
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{WebUtility.HtmlEncode(heading)}} – momentum</title>
            <style>
              body {
                font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: {{Palette.Text}};
                max-width: 1100px; margin: 2.5rem auto; padding: 0 1.25rem;
              }
              h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
              .lead { color: {{Palette.Muted}}; margin: 0 0 2rem; }
              figure { margin: 0 0 2rem; border: 1px solid {{Palette.Grid}}; border-radius: 8px; overflow-x: auto; }
              figure img { display: block; max-width: 100%; height: auto; }
              table { border-collapse: collapse; margin: 0 0 2rem; font-variant-numeric: tabular-nums; }
              th, td { text-align: right; padding: .35rem 1rem; border-bottom: 1px solid {{Palette.Grid}}; }
              th { color: {{Palette.Muted}}; font-weight: 600; }
              code { background: #f3f5f7; padding: .1rem .35rem; border-radius: 4px; }
            </style>
            </head>
            <body>
            <h1>{{WebUtility.HtmlEncode(heading)}}</h1>
            <p class="lead">A convolutional momentum network of {{parameters:#,0}} parameters,
            {{settings.Depth}} momentum layers in each of two stages, {{Quantity.Count(history.Count, "epoch")}} in {{time}}, memory mode
            {{settings.Memory}}, seed {{settings.Seed}}.</p>
            {{Figure(TrainingReport.CurvesName, "Training curves: loss and misread digits against epochs")}}
            {{Figure(TrainingReport.MemoryName, "Peak tensor memory against depth, storing and recomputing")}}
            <table>
            <tr><th>Depth</th><th>Store</th><th>Recompute</th><th>Memory saved</th>
            <th>Store time</th><th>Recompute time</th><th>Time ratio</th></tr>
            {{rows}}</table>
            {{(misread == 0 ? "" : Figure(TrainingReport.MisreadName, "The test digits that were misread"))}}
            <p>The weights are in <a href="{{TrainingReport.WeightsName}}">{{TrainingReport.WeightsName}}</a>;
            <code>momentum inspect {{TrainingReport.WeightsName}}</code> shows what is in them.</p>
            </body>
            </html>

            """;
    }

    private static string Figure(string file, string description) =>
        $"<figure><img src=\"{file}\" alt=\"{WebUtility.HtmlEncode(description)}\"></figure>";
}
