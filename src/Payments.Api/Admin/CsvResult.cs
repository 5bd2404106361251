using System.Globalization;
using CsvHelper;
using Microsoft.AspNetCore.Mvc;
using Payments.Domain.Shared;

namespace Payments.Api.Admin;

/// <summary>
/// A table that is written while it is read: what is in memory is a handful of rows. RFC 4180 in UTF-8. What people wrote
/// can hold what a spreadsheet takes for a formula; such cells begin with an apostrophe.
/// </summary>
internal sealed class CsvResult<T>(string name, IAsyncEnumerable<T> rows, IReadOnlyList<Column<T>> columns) : IActionResult
{
    public const string ContentType = "text/csv";

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.ContentType = ContentType + "; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        response.Headers.CacheControl = "no-store";
        await using var csv = CsvWriter.Create(response.Body, CsvWriterOptions.Default, leaveOpen: true);
        foreach (var column in columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.EndRecordAsync(context.HttpContext.RequestAborted);
        await foreach (var row in rows.WithCancellation(context.HttpContext.RequestAborted))
        {
            foreach (var column in columns)
            {
                csv.WriteField(column.Cell(row));
            }

            await csv.EndRecordAsync(context.HttpContext.RequestAborted);
        }
    }
}

/// <summary>A column's name and what a row has in it.</summary>
internal sealed record Column<T>(string Name, Func<T, string?> Cell)
{
    /// <summary>Anything that a person may have written.</summary>
    public static Column<T> Text(string name, Func<T, string?> text) => new(name, row => Harmless(text(row)));

    public static Column<T> Id(string name, Func<T, Guid?> id) => new(name, row => id(row)?.ToString());

    /// <summary>A number of our own, which is none to run: <c>-30</c> stays a number.</summary>
    public static Column<T> Number(string name, Func<T, long> number) => new(name, row => number(row).ToString(CultureInfo.InvariantCulture));

    public static Column<T> State<TState>(string name, Func<T, TState> state)
        where TState : struct, Enum => new(name, row => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state(row).ToString()));

    public static Column<T> At(string name, Func<T, DateTimeOffset?> at) => new(name, row => at(row)?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>In minor units, and as a decimal in the currency's own digits.</summary>
    public static IEnumerable<Column<T>> Money(string name, Func<T, Money> money) =>
        [new($"{name}_minor", row => money(row).Minor.ToString(CultureInfo.InvariantCulture)), new(name, row => Decimal(money(row)))];

    public static Column<T> Currency(Func<T, Money> money) => new("currency", row => money(row).Currency.Code);

    internal static string? Harmless(string? text) => text is { Length: > 0 } && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + text : text;

    internal static string Decimal(Money money)
    {
        var exponent = money.Currency.Exponent;
        var digits = Int128.Abs(money.Minor).ToString(CultureInfo.InvariantCulture).PadLeft(exponent + 1, '0');
        return $"{(money.Minor < 0 ? "-" : "")}{digits[..^exponent]}{(exponent == 0 ? "" : "." + digits[^exponent..])}";
    }
}
