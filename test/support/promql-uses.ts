/** Which metrics an expression reads, and which labels it takes for granted on each: by the parser, clause by clause. */
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Use {
  readonly metric: string;

  /** Without them the expression would select nothing, or join and group over nothing. */
  readonly labels: ReadonlySet<string>;
  readonly matchers: readonly Matcher[];
}

interface Reading {
  readonly uses: readonly Use[];

  /** Labels that somebody asks for after an inner clause took them away: they are always empty. */
  readonly lost: readonly string[];
}

type Labels = ReadonlySet<string>;
const NONE: Labels = new Set();

/** @param wanted labels that the result must carry, e.g. those that an alert's text names. */
export function readPromql(expr: string, wanted: readonly string[] = [], recorded = NO_RECORDS): Reading {
  const found = new Reader(expr, recorded).read(new Set(wanted));
  return {
    uses: found.flatMap((one) => ('use' in one ? [one.use] : [])),
    lost: found.flatMap((one) => ('lost' in one ? [one.lost] : [])),
  };
}

const NO_RECORDS: ReadonlyMap<string, string> = new Map();

const union = (...sets: readonly Labels[]): Labels => new Set(sets.flatMap((set) => [...set]));
const minus = (from: Labels, taken: Labels): Labels => new Set([...from].filter((label) => !taken.has(label)));

/** Of what these give, the labels come from the argument unchanged. Others are refused, so that none is forgotten. */
const KEEPS_LABELS = new Set(
  'abs ceil floor round rate irate increase delta resets changes clamp_min clamp_max avg_over_time min_over_time max_over_time sum_over_time count_over_time last_over_time present_over_time sort sort_desc timestamp'.split(
    ' ',
  ),
);
const PICKS = new Set(['Topk', 'Bottomk']);

/** What a part of an expression reads, and what it takes away too early. */
type Found = { readonly use: Use } | { readonly lost: string };

class Reader {
  constructor(
    private readonly expr: string,
    private readonly recorded: ReadonlyMap<string, string>,
  ) {}

  read(wanted: Labels): readonly Found[] {
    const [top] = children(parser.parse(this.expr).topNode);
    if (top === undefined) throw new Error(`expression '${this.expr}': expected PromQL, got nothing`);
    return this.visit(top, wanted);
  }

  private text = ({ from, to }: { from: number; to: number }): string => this.expr.slice(from, to);

  private visit(node: SyntaxNode, wanted: Labels): readonly Found[] {
    switch (node.name) {
      case 'VectorSelector':
        return this.selector(node, wanted);
      case 'AggregateExpr':
        return this.aggregate(node, wanted);
      case 'BinaryExpr':
        return this.binary(node, wanted);
      case 'FunctionCall':
        return this.call(node, wanted);
      case 'NumberDurationLiteral':
        return this.lose(wanted, node);
      case 'ParenExpr':
      case 'MatrixSelector':
      case 'OffsetExpr':
      case 'SubqueryExpr':
      case 'UnaryExpr':
        return this.visit(this.operands(node)[0] ?? this.unknown(node), wanted);
      default:
        return this.unknown(node);
    }
  }

  private unknown(node: SyntaxNode): never {
    throw new Error(`expression '${this.text(node)}': expected PromQL that this reader knows, got ${node.name}`);
  }

  private operands = (node: SyntaxNode): readonly SyntaxNode[] =>
    children(node).filter(({ name }) => EXPRESSIONS.has(name));

  private lose = (labels: Labels, node: SyntaxNode): readonly Found[] =>
    [...labels].map((label) => ({ lost: `${label} of ${this.text(node)}` }));

  private selector(node: SyntaxNode, wanted: Labels): readonly Found[] {
    const metric = this.text(node.getChild('Identifier') ?? this.unknown(node));
    const matchers = children(node.getChild('LabelMatchers')).map((matcher) => this.matcher(matcher));
    const needed = matchers.filter((matcher) => !acceptsEmpty(matcher)).map(({ label }) => label);
    const labels = union(wanted, new Set(needed));
    const rule = this.recorded.get(metric);
    if (rule === undefined) return [{ use: { metric, labels, matchers } }];
    // What is asked of the recorded series is asked of those behind it that give the label.
    return new Reader(rule, this.recorded).read(labels).map((found) =>
      'lost' in found
        ? found
        : {
            use: {
              ...found.use,
              matchers: [...found.use.matchers, ...matchers.filter(({ label }) => found.use.labels.has(label))],
            },
          },
    );
  }

  private matcher(node: SyntaxNode): Matcher {
    const [label, operator, value] = children(node).map((child) => this.text(child));
    return { label: label ?? '', operator: operator ?? '', value: JSON.parse(value ?? '""') };
  }

  private grouping = (node: SyntaxNode | null): Labels => new Set(children(node).map((label) => this.text(label)));

  private aggregate(node: SyntaxNode, wanted: Labels): readonly Found[] {
    const operator = children(node.getChild('AggregateOp'))[0]?.name ?? '';
    const modifier = node.getChild('AggregateModifier');
    const argument = children(node.getChild('FunctionCallBody')).at(-1) ?? this.unknown(node);
    if (modifier !== null && modifier.getChild('By') === null) return this.unknown(modifier);
    const by = this.grouping(modifier?.getChild('GroupingLabels') ?? null);
    return PICKS.has(operator)
      ? this.visit(argument, union(wanted, by))
      : [...this.lose(minus(wanted, by), node), ...this.visit(argument, by)];
  }

  private call(node: SyntaxNode, wanted: Labels): readonly Found[] {
    const name = this.text(node.getChild('FunctionIdentifier') ?? this.unknown(node));
    const [first, ...others] = children(node.getChild('FunctionCallBody'));
    if (name === 'time' || name === 'vector') return this.lose(wanted, node);
    if (first === undefined) return this.unknown(node);
    if (KEEPS_LABELS.has(name)) return this.visit(first, wanted);
    if (name === 'label_replace') {
      const [target, , source] = others.map((other) => JSON.parse(this.text(other)));
      return this.visit(first, union(minus(wanted, new Set([target])), new Set(source === '' ? [] : [source])));
    }
    if (name === 'absent') {
      const equal = [...this.text(first).matchAll(/(\w+)="/g)].map(([, label]) => label ?? '');
      return [...this.lose(minus(wanted, new Set(equal)), node), ...this.visit(first, NONE)];
    }
    return this.unknown(node);
  }

  private binary(node: SyntaxNode, wanted: Labels): readonly Found[] {
    const [left, right] = this.operands(node);
    if (left === undefined || right === undefined) return this.unknown(node);
    const both = (onLeft: Labels, onRight: Labels) => [...this.visit(left, onLeft), ...this.visit(right, onRight)];
    if (isScalar(left)) return isScalar(right) ? this.lose(wanted, node) : this.visit(right, wanted);
    if (isScalar(right)) return this.visit(left, wanted);

    const operator = children(node)[1]?.name ?? '';
    const clause = node.getChild('MatchingModifierClause');
    if (clause === null) return both(wanted, operator === 'And' || operator === 'Unless' ? NONE : wanted);
    if (clause.getChild('On') === null) return this.unknown(clause);
    const [on = NONE, extra = NONE] = clause.getChildren('GroupingLabels').map(this.grouping);
    if (operator === 'Or') return both(union(wanted, on), union(wanted, on));
    if (operator === 'And' || operator === 'Unless') return both(union(wanted, on), on);
    const [many, one] = [union(minus(wanted, extra), on), union(on, extra)];
    if (clause.getChild('GroupLeft') !== null) return both(many, one);
    if (clause.getChild('GroupRight') !== null) return both(one, many);
    return [...this.lose(minus(wanted, on), node), ...both(on, on)];
  }
}

const EXPRESSIONS = new Set(
  'VectorSelector AggregateExpr BinaryExpr FunctionCall NumberDurationLiteral ParenExpr MatrixSelector OffsetExpr SubqueryExpr UnaryExpr'.split(
    ' ',
  ),
);

function children(node: SyntaxNode | null): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

/** A number, `time()`, or arithmetic on them. */
function isScalar(node: SyntaxNode): boolean {
  if (node.name === 'NumberDurationLiteral') return true;
  if (node.name === 'FunctionCall') return node.getChild('FunctionIdentifier')?.firstChild?.name === 'Time';
  if (!['ParenExpr', 'BinaryExpr', 'UnaryExpr'].includes(node.name)) return false;
  return children(node)
    .filter(({ name }) => EXPRESSIONS.has(name))
    .every(isScalar);
}

function acceptsEmpty({ operator, value }: Matcher): boolean {
  if (operator === '=') return value === '';
  if (operator === '!=') return value !== '';
  const matches = new RegExp(`^(?:${value})$`).test('');
  return operator === '=~' ? matches : !matches;
}
