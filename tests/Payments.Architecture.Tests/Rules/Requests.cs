using Mono.Cecil;
using Payments.Architecture.Tests.Reading;

namespace Payments.Architecture.Tests.Rules;

/// <summary>Rule 6. A use case is one sealed record and the one internal sealed handler beside it.</summary>
internal sealed class RequestsAreRecordsWithOneHandler : Rule
{
    public override IEnumerable<TypeDefinition> Subjects(CodeBase code) =>
        code.Types.Where(t => !t.IsInterface && (IsRequest(t) || HandledBy(t).Any()));

    protected override IEnumerable<Violation> Of(TypeDefinition subject, CodeBase code)
    {
        if (IsRequest(subject))
        {
            if (!Hierarchy.IsRecord(subject) || !subject.IsSealed)
            {
                yield return Violation.In(subject, "is a request and not a sealed record");
            }

            var name = Names.Full(subject);
            var handlers = code.Types.Where(t => HandledBy(t).Contains(name, StringComparer.Ordinal)).ToList();
            if (handlers.Count != 1)
            {
                yield return Violation.In(subject, $"has {handlers.Count} handlers and wants one{(handlers.Count == 0 ? "" : ": " + string.Join(", ", handlers.Select(Names.Full)))}");
            }

            if (handlers is [var only] && Names.Namespace(only) != Names.Namespace(subject))
            {
                yield return Violation.In(subject, $"has its handler elsewhere: {Names.Full(only)}");
            }
        }

        if (HandledBy(subject).Any())
        {
            if (subject.IsPublic || subject.IsNestedPublic || !subject.IsSealed)
            {
                yield return Violation.In(subject, "is a handler and not internal sealed");
            }

            if (HandledBy(subject).Distinct(StringComparer.Ordinal).Count() > 1)
            {
                yield return Violation.In(subject, "handles several requests");
            }
        }
    }

    private static bool IsRequest(TypeDefinition type) => Hierarchy.Is(type, "MediatR.IBaseRequest");

    // IRequestHandler<,> and what MediatR derives from it: the first type argument is the request.
    private static IEnumerable<string> HandledBy(TypeDefinition type) => type.Interfaces.Select(i => i.InterfaceType).Append(type.BaseType)
        .OfType<GenericInstanceType>()
        .Where(face => face.Namespace == "MediatR" && face.Name.Contains("RequestHandler", StringComparison.Ordinal))
        .Select(face => Names.Full(face.GenericArguments[0]));
}

public sealed class A_command_or_query_is_a_sealed_record_with_one_internal_sealed_handler : RuleSpec
{
    private const string Users = "Payments.Application.Users.";

    private protected override Rule Rule => new RequestsAreRecordsWithOneHandler();

    private protected override IReadOnlyList<string> Planted =>
    [
        Users + "OpenRequest", Users + "ClassRequest", Users + "StructRequest", Users + "UnhandledRequest", Users + "TwiceHandledRequest", Users + "RequestHandledElsewhere",
        Users + "PublicHandler", Users + "OpenHandler", Users + "BusyHandler", Users + "PublicBaseHandler",
    ];
}
