using System.Globalization;
using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using Payments.Infrastructure.Stripe;

using Judge = Payments.Tests.Shared.StripeForm;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Encoding_a_form
{
    [Fact]
    public void nests_names_and_counts_lists() => new StripeForm()
        .Set("mode", "payment")
        .List("line_items", ["a", "b"], (line, name) => line.Nest("price_data", price => price.Nest("product_data", product => product.Set("name", name))).Set("quantity", 2))
        .List("expand", "x.y", "z")
        .ToString()
        .ShouldBe("mode=payment&line_items[0][price_data][product_data][name]=a&line_items[0][quantity]=2&line_items[1][price_data][product_data][name]=b&line_items[1][quantity]=2&expand[0]=x.y&expand[1]=z");

    [Fact]
    public void writes_values_as_stripe_reads_them() => new StripeForm()
        .Set("yes", true)
        .Set("no", false)
        .Set("count", -1234567)
        .Set("percent", 12.5m)
        .Set("at", new DateTimeOffset(2026, 7, 29, 2, 0, 0, 999, TimeSpan.FromHours(2)))
        .Set("text", "Ünï & 100% = [a] + b/c?\n")
        .Set("absent", (string?)null)
        .Unset("gone")
        .List("none")
        .ToString()
        .ShouldBe("yes=true&no=false&count=-1234567&percent=12.5&at=1785283200&text=%C3%9Cn%C3%AF+%26+100%25+%3D+%5Ba%5D+%2B+b%2Fc%3F%0A&gone=&none=");

    [Fact]
    public void speaks_no_local_dialect_of_numbers()
    {
        var before = CultureInfo.CurrentCulture;
        var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        odd.NumberFormat.NumberDecimalSeparator = ",";
        odd.NumberFormat.NegativeSign = "minus ";
        try
        {
            CultureInfo.CurrentCulture = odd;
            new StripeForm().Set("a", -1.5m).Set("b", -7).ToString().ShouldBe("a=-1.5&b=-7");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void decodes_to_what_was_encoded() => Prop
        .ForAll(Trees(3).ToArbitrary(), tree =>
        {
            var form = new StripeForm();
            Write(form, tree);
            var errors = new List<string>();
            return JsonNode.DeepEquals(Judge.Parse(form.ToString(), errors), tree) && errors.Count == 0;
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void is_ascii_whatever_the_text() => Prop
        .ForAll<string>(text => new StripeForm().Set("a", text ?? "").ToString().All(c => c is > ' ' and < (char)127))
        .QuickCheckThrowOnFailure();

    /// <summary>Objects of objects, lists and texts, as the judge's parser gives them back: lists are objects with indexes for names.</summary>
    private static Gen<JsonObject> Trees(int depth)
    {
        var text = ArbMap.Default.GeneratorFor<string>().Select(value => Whole(value ?? ""));
        var leaf = text.Select(value => (JsonNode)JsonValue.Create(value));
        var node = depth == 0 ? leaf : Gen.OneOf(leaf, leaf, Trees(depth - 1).Select(tree => (JsonNode)tree));
        return
            from count in Gen.Choose(1, 4)
            from values in node.ArrayOf(count)
            from numbered in ArbMap.Default.GeneratorFor<bool>()
            select new JsonObject(values.Select((value, index) =>
                KeyValuePair.Create(numbered && depth < 3 ? index.ToString(CultureInfo.InvariantCulture) : $"name_{index}", (JsonNode?)value.DeepClone())));
    }

    /// <summary>Half a surrogate pair is no text and cannot be encoded.</summary>
    private static string Whole(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);

    private static void Write(StripeForm form, JsonObject tree)
    {
        foreach (var (name, value) in tree)
        {
            if (value is not JsonObject inner)
            {
                form.Set(name, value!.GetValue<string>());
            }
            else if (inner.ContainsKey("0") && inner.All(item => item.Value is JsonObject))
            {
                form.List(name, inner.Select(item => item.Value!.AsObject()), Write);
            }
            else if (inner.ContainsKey("0") && inner.All(item => item.Value is JsonValue))
            {
                form.List(name, [.. inner.Select(item => item.Value!.GetValue<string>())]);
            }
            else
            {
                form.Nest(name, nested => Write(nested, inner));
            }
        }
    }
}
