// A Domain type that knows the Infrastructure, once in each place where one type can know another.
using System.Linq.Expressions;
using Payments.Domain.Shared;
using Payments.Infrastructure;

namespace Payments.Domain.Users.HidingPlaces;

public sealed class AsBase : Gadget;

public sealed class AsInterface : IGadget;

public abstract class Box<T>;

public sealed class AsTypeArgumentOfABase : Box<Gadget>;

[Gadget]
public sealed class AsAttribute;

[Marked(typeof(Gadget))]
public sealed class AsAttributeArgument;

[Marked(typeof(string), typeof(Gadget[]))]
public sealed class AsAttributeArgumentInAnArray;

public sealed class AsAttributeOfAMember
{
    [Gadget]
    public void Poke()
    {
    }
}

public sealed class AsAttributeOfAParameter
{
    public void Poke([Gadget] string with)
    {
    }
}

public sealed class AsAttributeOfAProperty
{
    [Gadget]
    public string Thing => "";
}

public sealed class AsConstraint<T>
    where T : Gadget;

public sealed class AsConstraintOfAMethod
{
    public void Poke<T>()
        where T : IGadget
    {
    }
}

public sealed class AsField
{
    private Gadget? thing;
}

public sealed class AsStaticField
{
    private static readonly Gadget? Thing;
}

public sealed class AsProperty
{
    public Gadget? Thing { get; private set; }
}

public sealed class AsParameter
{
    public void Poke(Gadget thing)
    {
    }
}

public sealed class AsOutParameter
{
    public bool Poke(out Gadget? thing)
    {
        thing = null;
        return false;
    }
}

public sealed class AsResult
{
    public Gadget? Poke() => null;
}

public sealed class AsTypeArgument
{
    private readonly Dictionary<string, List<Gadget>>? things;
}

public sealed class AsArray
{
    private readonly Gadget[][]? things;
}

public sealed class AsTuple
{
    private readonly (int Number, Gadget Gadget) thing;
}

public sealed class AsNullable
{
    private readonly GadgetPart? part;
}

public sealed class AsEvent
{
    public event EventHandler<GadgetEventArgs>? Moved;
}

public delegate void AsDelegate(Gadget thing);

public sealed class InABody
{
    public string Poke() => Gadget.Make().ToString()!;
}

public sealed class InAConstructor
{
    public InAConstructor() => Gadget.Make();
}

public sealed class InALambda
{
    public Func<string> Poke() => () => Gadget.Make().ToString()!;
}

public sealed class InALocalFunction
{
    public string Poke()
    {
        return Inner();

        static string Inner() => Gadget.Make().ToString()!;
    }
}

public sealed class InAnAsyncMethod
{
    public async Task<string> Poke()
    {
        await Task.Yield();
        return Gadget.Make().ToString()!;
    }
}

public sealed class InAnAsyncLambda
{
    public Func<Task<string>> Poke(string suffix) => async () =>
    {
        await Task.Yield();
        return Gadget.Make() + suffix;
    };
}

public sealed class InAnIterator
{
    public IEnumerable<string> Poke()
    {
        yield return Gadget.Make().ToString()!;
    }
}

public sealed class InATypeof
{
    public string Poke() => typeof(Gadget).Name;
}

public sealed class InACast
{
    public object Poke(object thing) => (Gadget)thing;
}

public sealed class InAPattern
{
    public bool Poke(object thing) => thing is SmallGadget;
}

public sealed class InACatch
{
    public void Poke()
    {
        try
        {
            ToString();
        }
        catch (GadgetException)
        {
        }
    }
}

public sealed class InAFilter
{
    public void Poke()
    {
        try
        {
            ToString();
        }
        catch (Exception e) when (Gadget.IsBroken(e))
        {
        }
    }
}

public sealed class InATypeArgumentOfACall
{
    public int Poke() => Array.Empty<Gadget>().Length;
}

public sealed class InAQuery
{
    public IEnumerable<object> Poke(IEnumerable<string> names) => from name in names let thing = Gadget.Make() where thing is not null select (object)name;
}

public sealed class InAnExpressionTree
{
    public Expression<Func<object, bool>> Poke() => thing => thing is SmallGadget;
}

public sealed class InANestedType
{
    private sealed class Inner
    {
        private Gadget? thing;
    }
}

public sealed class InAnAccessor
{
    public string Thing
    {
        get => Gadget.Make().ToString()!;
    }
}

public sealed class InAnInitializer
{
    private readonly string thing = Gadget.Make().ToString()!;
}

public sealed class InAnOperator
{
    public static InAnOperator operator +(InAnOperator it)
    {
        Gadget.Make();
        return it;
    }
}

public interface InADefaultMethod
{
    string Poke() => Gadget.Make().ToString()!;
}
