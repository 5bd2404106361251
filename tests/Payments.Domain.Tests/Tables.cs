namespace Payments.Domain.Tests;

/// <summary>Rows of a table as xunit takes them.</summary>
internal static class Tables
{
    public static TheoryData<T1, T2, T3> ToTable<T1, T2, T3>(this IEnumerable<(T1, T2, T3)> rows)
    {
        var table = new TheoryData<T1, T2, T3>();
        foreach (var (a, b, c) in rows)
        {
            table.Add(a, b, c);
        }

        return table;
    }

    public static TheoryData<T1, T2, T3, T4, T5> ToTable<T1, T2, T3, T4, T5>(this IEnumerable<(T1, T2, T3, T4, T5)> rows)
    {
        var table = new TheoryData<T1, T2, T3, T4, T5>();
        foreach (var (a, b, c, d, e) in rows)
        {
            table.Add(a, b, c, d, e);
        }

        return table;
    }
}
